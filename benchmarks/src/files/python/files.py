"""Lines to one file and small files, in Python; see lines.ts and smallFiles.ts."""

import asyncio
import os
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tasks/asyncio"))
import bench

try:
    import aiofiles
except ImportError:
    aiofiles = None

LINE = "x" * 199 + "\n"
CONTENT = "x" * 1000
CONCURRENCY = 16


def lines(write):
    """Measured from the opening of the file to its closing; lines that are not in it do not count."""

    async def run(size, meter):
        with tempfile.TemporaryDirectory(prefix="fibra-bench-") as folder:
            path = os.path.join(folder, "lines")
            meter.begin()
            await write(path, size)
            meter.end()
            return os.stat(path).st_size // len(LINE)

    return run


def with_aiofiles(durable):
    async def write(path, size):
        async with aiofiles.open(path, "w") as file:
            for _ in range(size):
                await file.write(LINE)
            if durable:
                await file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())

    return write


def buffered(durable):
    async def write(path, size):
        with open(path, "w") as file:
            for _ in range(size):
                file.write(LINE)
            if durable:
                file.flush()
                os.fsync(file.fileno())

    return write


async def small_files(size, meter):
    with tempfile.TemporaryDirectory(prefix="fibra-bench-") as folder:
        left = iter(range(size))

        async def work():
            for index in left:
                async with aiofiles.open(os.path.join(folder, str(index)), "w") as file:
                    await file.write(CONTENT)

        meter.begin()
        await asyncio.gather(*[work() for _ in range(CONCURRENCY)])
        meter.end()
        return len(os.listdir(folder))


bench.main(
    {
        "aiofiles": lines(with_aiofiles(False)),
        "aiofiles, fsync": lines(with_aiofiles(True)),
        "aiofiles, small files": small_files,
        "Python, buffered": lines(buffered(False)),
        "Python, buffered, fsync": lines(buffered(True)),
    }
)
