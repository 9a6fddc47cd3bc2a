"""Many timers at once: those that fire, and those that are taken back; see timers.ts."""

import asyncio

import bench


async def sleep(size, meter):
    finished = 0

    async def nap(i):
        nonlocal finished
        await asyncio.sleep((1 + i % 50) / 1000)
        finished += 1

    meter.begin()
    await asyncio.gather(*[nap(i) for i in range(size)])
    meter.end()
    return finished


async def timeout(size, meter):
    finished = 0

    async def task():
        nonlocal finished
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
            finished += 1

    meter.begin()
    await asyncio.gather(*[task() for _ in range(size)])
    meter.end()
    return finished


bench.main({"sleep": sleep, "timeout": timeout})
