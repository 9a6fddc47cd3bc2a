"""Interrupting tasks that wait, and waiting for their cleanup; see interrupt.ts."""

import asyncio

import bench


async def cancel(size, meter):
    parked = cleaned = 0

    async def task():
        nonlocal parked, cleaned
        parked += 1
        try:
            await loop.create_future()
        except asyncio.CancelledError:
            cleaned += 1
            raise

    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(task()) for _ in range(size)]
    while parked < size:
        await asyncio.sleep(0)
    meter.begin()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    meter.end()
    return cleaned


bench.main({"cancel": cancel})
