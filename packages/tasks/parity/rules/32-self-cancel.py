"""A task that cancels itself stops at its next suspension, and is cancelled also if it returns."""
import asyncio


async def suspend():
    asyncio.current_task().cancel()
    print("runs on until it suspends")
    await asyncio.sleep(0)
    print("goes on")


async def finish():
    asyncio.current_task().cancel()
    return "value"


async def main():
    for work in (suspend, finish):
        task = asyncio.create_task(work())
        await asyncio.wait([task])
        print(f"{work.__name__}:", "cancelled" if task.cancelled() else task.result())


asyncio.run(main())
