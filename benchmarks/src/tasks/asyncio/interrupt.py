"""Interrupting tasks that wait, and waiting until they have ended; see interrupt.ts."""

import asyncio

import bench


def cancel(cleanup, wait):
    async def run(size, meter):
        parked = cleaned = 0

        async def park():
            nonlocal parked
            parked += 1
            await loop.create_future()

        async def park_and_clean():
            nonlocal parked, cleaned
            parked += 1
            try:
                await loop.create_future()
            finally:
                cleaned += 1

        loop = asyncio.get_running_loop()
        task = park_and_clean if cleanup else park
        tasks = [asyncio.create_task(task()) for _ in range(size)]
        while parked < size:
            await asyncio.sleep(0)
        meter.begin()
        for task in tasks:
            task.cancel()
        await wait(tasks)
        meter.end()
        return cleaned if cleanup else sum(task.cancelled() for task in tasks)

    return run


def gather(tasks):
    return asyncio.gather(*tasks, return_exceptions=True)


bench.main(
    {
        "gather": cancel(False, gather),
        "gather with cleanup": cancel(True, gather),
        "wait": cancel(False, asyncio.wait),
        "wait with cleanup": cancel(True, asyncio.wait),
    }
)
