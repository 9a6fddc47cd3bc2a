"""A task group: it owns what is started in it, and ends when all of it has."""
import asyncio


async def main():
    done = []

    async def visit(group, depth):
        await asyncio.sleep(0.01)
        done.append(depth)
        if depth < 3:
            group.create_task(visit(group, depth + 1))

    async with asyncio.TaskGroup() as group:
        group.create_task(visit(group, 1))
    print("visited:", *done)
    assert done == [1, 2, 3]

    ended = []

    async def slow():
        try:
            await asyncio.sleep(10)
        finally:
            ended.append("slow")

    async def broken():
        await asyncio.sleep(0.01)
        raise ValueError("broken")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(slow())
            group.create_task(broken())
    except* ValueError as failed:
        print("failed with:", *failed.exceptions)
    print("ended before that was told:", *ended)
    assert ended == ["slow"]


asyncio.run(main())
