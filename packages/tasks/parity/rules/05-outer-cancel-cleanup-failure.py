"""Errors raised in cleanup while the owner is cancelled are reported."""
import asyncio


async def child():
    try:
        await asyncio.Future()
    finally:
        raise ValueError("cleanup")


async def owner():
    async with asyncio.TaskGroup() as group:
        group.create_task(child())
        await asyncio.Future()


async def main():
    task = asyncio.create_task(owner())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    print("reported:", *([] if task.cancelled() else task.exception().exceptions))
    print("still cancelled:", "yes" if task.cancelled() else "no")


asyncio.run(main())
