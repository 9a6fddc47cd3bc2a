"""A group inside a group reports the errors of both."""
import asyncio


async def inner():
    async with asyncio.TaskGroup() as group:
        group.create_task(fail_in_cleanup())


async def fail_in_cleanup():
    try:
        await asyncio.Future()
    finally:
        raise ValueError("inner")


async def fail():
    await asyncio.sleep(0.01)
    raise ValueError("outer")


def show(error):
    if isinstance(error, ExceptionGroup):
        return f"[{' '.join(map(show, error.exceptions))}]"
    return str(error)


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(inner())
            group.create_task(fail())
    except ExceptionGroup as group:
        print("reported:", show(group))


asyncio.run(main())
