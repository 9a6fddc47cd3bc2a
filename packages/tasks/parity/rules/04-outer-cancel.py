"""Cancelling the owner reaches body and children, waits for them, and stays a pure cancellation."""
import asyncio


async def child():
    try:
        await asyncio.Future()
    finally:
        await asyncio.sleep(0.02)
        print("child cleaned up")


async def owner():
    async with asyncio.TaskGroup() as group:
        group.create_task(child())
        try:
            await asyncio.Future()
        finally:
            print("body cancelled")


async def main():
    task = asyncio.create_task(owner())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    print("owner:", "cancelled" if task.cancelled() else task.exception())


asyncio.run(main())
