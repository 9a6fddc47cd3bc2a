"""Children may spawn while the group drains, and the group waits for what they spawned."""
import asyncio


async def grandchild():
    await asyncio.sleep(0.01)
    print("grandchild finished")


async def child(group):
    await asyncio.sleep(0.01)
    group.create_task(grandchild())
    print("child finished")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(child(group))
        print("body finished")
    print("group finished")


asyncio.run(main())
