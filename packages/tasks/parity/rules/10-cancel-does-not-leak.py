"""The cancel inside a group never reaches the code after it; one from outside does."""
import asyncio


async def fail():
    await asyncio.sleep(0.01)
    raise ValueError("child")


async def fail_group(during_cleanup):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            try:
                await asyncio.Future()
            finally:
                during_cleanup()
                await asyncio.sleep(0)
    except* ValueError:
        pass
    await asyncio.sleep(0)
    print("the code after the group runs")


async def main():
    await fail_group(lambda: None)
    task = asyncio.create_task(fail_group(lambda: task.cancel()))
    await asyncio.wait([task])
    print("cancelled from outside:", "yes" if task.cancelled() else "no")


asyncio.run(main())
