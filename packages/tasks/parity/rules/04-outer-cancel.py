"""Cancelling the owner reaches body and children, waits for them, and stays a pure cancellation."""
import asyncio


async def child(started):
    try:
        started.set()
        await asyncio.Future()
    finally:
        await asyncio.sleep(0.02)
        print("child cleaned up")


async def owner(started):
    async with asyncio.TaskGroup() as group:
        group.create_task(child(started))
        try:
            await asyncio.Future()
        finally:
            print("body cancelled")


async def main():
    started = asyncio.Event()
    task = asyncio.create_task(owner(started))
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    print("owner:", "cancelled" if task.cancelled() else task.exception())


asyncio.run(main())
