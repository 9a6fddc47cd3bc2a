"""A bounded queue between producers and consumers; see queue.ts."""

import asyncio

import bench

CAPACITY = 16


def queue(parties):
    async def run(size, meter):
        offered = claimed = done = total = 0

        async def produce():
            nonlocal offered
            while offered < size:
                offered += 1
                await items.put(offered)

        async def consume():
            nonlocal claimed, done, total
            while claimed < size:
                claimed += 1
                item = await items.get()
                total += item
                done += 1

        meter.begin()
        items = asyncio.Queue(CAPACITY)
        await asyncio.gather(*[f() for _ in range(parties) for f in (produce, consume)])
        meter.end()
        return done if total == size * (size + 1) // 2 else 0

    return run


bench.main({"Queue 1": queue(1), "Queue 8": queue(8)})
