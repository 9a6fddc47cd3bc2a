"""Timeouts work inside the cleanup of a cancelled task."""
import asyncio


async def work():
    try:
        await asyncio.Future()
    finally:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Future()
        except TimeoutError:
            print("step of cleanup: timeout")
        await asyncio.sleep(0.01)
        print("cleanup goes on")


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("task cancelled:", "yes" if task.cancelled() else "no")


asyncio.run(main())
