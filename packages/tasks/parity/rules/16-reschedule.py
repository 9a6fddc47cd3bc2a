"""A timeout can be moved or cleared while it is active, and no longer once it is over."""
import asyncio


def move(timeout, which):
    try:
        timeout.reschedule(asyncio.get_running_loop().time() + 60)
    except RuntimeError:
        print(f"moving {which}: refused")


async def main():
    async with asyncio.timeout(0.01) as moved:
        move(moved, "an active timeout")
        await asyncio.sleep(0.03)
        print("moved: the body ran on")
    async with asyncio.timeout(0.01) as cleared:
        cleared.reschedule(None)
        await asyncio.sleep(0.03)
        print("cleared: the body ran on")
    move(moved, "a finished timeout")
    try:
        async with asyncio.timeout(0.01) as expired:
            await asyncio.Future()
    except TimeoutError:
        move(expired, "an expired timeout")


asyncio.run(main())
