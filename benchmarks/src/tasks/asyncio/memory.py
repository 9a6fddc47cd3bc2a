"""What a waiting task costs; see memory.ts."""

import asyncio

import bench


async def task(size, meter):
    parked = 0

    async def wait():
        nonlocal parked
        parked += 1
        await loop.create_future()

    loop = asyncio.get_running_loop()
    meter.begin()
    tasks = [asyncio.create_task(wait()) for _ in range(size)]
    while parked < size:
        await asyncio.sleep(0)
    meter.end()
    for waiting in tasks:
        waiting.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return parked


bench.main({"task": task})
