"""Files: three writers, one file, whole lines, and nothing before the end."""
import asyncio
import json
import os
import tempfile


async def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.jsonl")
        partial = path + ".partial"
        lock = asyncio.Lock()

        def append(text):
            with open(partial, "a") as file:
                file.write(text)

        # Files block: a thread for each write, and a lock around it.
        async def write(writer):
            for n in range(1, 101):
                async with lock:
                    row = json.dumps({"writer": writer, "n": n})
                    await asyncio.to_thread(append, row + "\n")

        await asyncio.gather(*map(write, ["a", "b", "c"]))
        early = os.path.exists(path)
        print("before the end:", "a file" if early else "no file")
        assert not early

        # Without fsync a power cut may leave an empty file.
        await asyncio.to_thread(os.replace, partial, path)
        with open(path) as file:
            rows = [json.loads(line) for line in file]
        print("rows:", len(rows))
        for writer in ["a", "b", "c"]:
            own = [row["n"] for row in rows if row["writer"] == writer]
            assert own == list(range(1, 101))
        print("each writer's rows:", "whole, and in order")


asyncio.run(main())
