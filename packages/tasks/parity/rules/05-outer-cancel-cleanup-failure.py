"""Errors raised in cleanup while the owner is cancelled are reported."""
import asyncio


async def child(started):
    try:
        started.set()
        await asyncio.Future()
    finally:
        raise ValueError("cleanup")


async def owner(started):
    async with asyncio.TaskGroup() as group:
        group.create_task(child(started))
        await asyncio.Future()


async def main():
    started = asyncio.Event()
    task = asyncio.create_task(owner(started))
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    print("reported:", *([] if task.cancelled() else task.exception().exceptions))
    print("still cancelled:", "yes" if task.cancelled() else "no")


asyncio.run(main())
