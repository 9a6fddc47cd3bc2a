"""Cancelling a gather cancels all of its tasks; once all are done it changes nothing."""
import asyncio


async def wait(name):
    try:
        await asyncio.Future()
    finally:
        print(f"{name}: cancelled")


async def main():
    running = asyncio.gather(wait("a"), wait("b"))
    await asyncio.sleep(0)
    running.cancel()
    try:
        await running
    except asyncio.CancelledError:
        print("gather: cancelled")
    finished = asyncio.gather(asyncio.sleep(0, "value"))
    await finished
    finished.cancel()
    print("cancelled when done:", *await finished)


asyncio.run(main())
