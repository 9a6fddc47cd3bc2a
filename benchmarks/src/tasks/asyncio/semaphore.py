"""Many tasks that compete for ten permits; see semaphore.ts."""

import asyncio

import bench

PERMITS = 10


async def semaphore(size, meter):
    inside = visits = 0

    async def visit():
        nonlocal inside, visits
        async with permits:
            inside += 1
            await asyncio.sleep(0)
            if inside <= PERMITS:
                visits += 1
            inside -= 1

    meter.begin()
    permits = asyncio.Semaphore(PERMITS)
    await asyncio.gather(*[visit() for _ in range(size)])
    meter.end()
    return visits


bench.main({"Semaphore": semaphore})
