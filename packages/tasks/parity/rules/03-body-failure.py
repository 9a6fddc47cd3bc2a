"""A body that fails cancels the children, and is reported together with their errors."""
import asyncio


async def child():
    try:
        await asyncio.Future()
    finally:
        print("child cancelled")
        raise ValueError("cleanup")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
            await asyncio.sleep(0.01)
            raise ValueError("body")
    except ExceptionGroup as group:
        print("reported:", *sorted(map(str, group.exceptions)))


asyncio.run(main())
