"""A group that aborts or has ended starts nothing any more."""
import asyncio


def spawn(group, when):
    work = asyncio.sleep(0)
    try:
        group.create_task(work)
        print(f"spawn {when}: started")
    except RuntimeError:
        work.close()
        print(f"spawn {when}: refused")


async def child(group):
    try:
        await asyncio.Future()
    finally:
        spawn(group, "while the group aborts")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child(group))
            await asyncio.sleep(0.01)
            raise ValueError("body")
    except* ValueError:
        spawn(group, "after the group ended")


asyncio.run(main())
