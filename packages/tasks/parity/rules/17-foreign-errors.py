"""An error or a cancel that is not the timeout's own is never relabelled as a timeout."""
import asyncio


async def under_timeout(work):
    try:
        async with asyncio.timeout(60):
            await work
    except TimeoutError:
        print("timeout")


async def fail():
    raise ValueError("error")


async def main():
    try:
        await under_timeout(fail())
    except ValueError as error:
        print("caller sees:", error)
    task = asyncio.create_task(under_timeout(asyncio.Future()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    print("caller sees:", "cancel" if task.cancelled() else "no cancel")


asyncio.run(main())
