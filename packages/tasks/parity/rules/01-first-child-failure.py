"""The first child that fails cancels its siblings and the body, and every error is reported."""
import asyncio

cancelled = []


async def wait(name):
    try:
        await asyncio.Future()
    except asyncio.CancelledError:
        await asyncio.sleep(0)
        cancelled.append(name)
        raise


async def fail_in_cleanup():
    try:
        await asyncio.Future()
    finally:
        raise ValueError("cleanup")


async def fail():
    await asyncio.sleep(0.01)
    raise ValueError("child")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(wait("sibling"))
            group.create_task(fail_in_cleanup())
            group.create_task(fail())
            await wait("body")
    except ExceptionGroup as group:
        print("cancelled and awaited:", *sorted(cancelled))
        print("reported:", *sorted(map(str, group.exceptions)))


asyncio.run(main())
