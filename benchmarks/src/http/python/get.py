"""GET requests with aiohttp, 64 at once, to the server of server.bench.ts; see get.ts."""

import asyncio
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../../tasks/asyncio"))
import bench

try:
    import aiohttp
except ImportError:
    aiohttp = None

CONNECTIONS = 64
PAGE_BYTES = 5_900

server = subprocess.Popen(
    ["node", os.path.join(HERE, "../server.bench.ts")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
ORIGIN = f"http://127.0.0.1:{int(server.stdout.readline())}"


def get(path):
    async def run(size, meter):
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector) as session:
            complete = 0

            async def worker(requests):
                nonlocal complete
                for _ in requests:
                    async with session.get(ORIGIN + path) as response:
                        if len(await response.read()) == PAGE_BYTES:
                            complete += 1

            async def fetch_all(count):
                requests = iter(range(count))
                await asyncio.gather(*(worker(requests) for _ in range(CONNECTIONS)))

            await fetch_all(4 * CONNECTIONS)
            complete = 0
            meter.begin()
            await fetch_all(size)
            meter.end()
        return complete

    return run


bench.main({"/": get("/"), "/gzip": get("/gzip")})
server.stdin.close()
