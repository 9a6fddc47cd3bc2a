"""What a task that catches its own cancel does next."""
import asyncio


async def work():
    try:
        await asyncio.Future()
    except asyncio.CancelledError:
        print("catches the cancel")
    await asyncio.sleep(0.01)
    return "goes on"


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("task:", "cancelled" if task.cancelled() else task.result())


asyncio.run(main())
