"""Cancelling one child is not a failure of the group: its siblings finish."""
import asyncio


async def work():
    await asyncio.sleep(0.01)
    print("sibling finished")


async def main():
    async with asyncio.TaskGroup() as group:
        child = group.create_task(asyncio.sleep(3600))
        group.create_task(work())
        await asyncio.sleep(0)
        child.cancel()
    print("group ended, child cancelled:", "yes" if child.cancelled() else "no")


asyncio.run(main())
