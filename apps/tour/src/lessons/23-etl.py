"""ETL: rows from a file, checked, and loaded into a database in batches."""
import asyncio
import json
import sqlite3
import tempfile
from pathlib import Path


async def main():
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "orders.jsonl")
        bad = {7: "{", 50: '{"id":50,"cents":"much"}'}
        rows = [bad.get(n, json.dumps({"id": n, "cents": n * 10}))
                for n in range(1, 101)]
        source.write_text("\n".join(rows) + "\n")
        database = sqlite3.connect(Path(folder, "orders.db"))
        database.execute("create table orders (id integer primary key, cents)")

        queue = asyncio.Queue(maxsize=32)
        rejected = []

        async def extract():
            with open(source) as file:
                for line in file:
                    await queue.put(line)
            await queue.put(None)

        def check(line):
            row = json.loads(line)
            if not isinstance(row["cents"], int):
                raise ValueError("cents")
            return row["id"], row["cents"]

        def load(batch):
            with database:
                database.executemany("insert into orders values (?, ?)", batch)

        async def transform():
            batch = []
            while (line := await queue.get()) is not None:
                try:
                    batch.append(check(line))
                except (ValueError, KeyError):
                    rejected.append(line)
                if len(batch) == 25:
                    load(batch)
                    batch = []
            load(batch)

        await asyncio.gather(extract(), transform())
        query = "select count(*), sum(cents) from orders"
        loaded, cents = database.execute(query).fetchone()
        database.close()
        print(f"received 100 = loaded {loaded} + rejected {len(rejected)}")
        print("cents:", cents)
        assert (loaded, len(rejected)) == (98, 2)


asyncio.run(main())
