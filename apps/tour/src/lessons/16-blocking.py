"""Do not block the loop: while a function computes, nobody else runs."""
import asyncio
import time


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


async def main():
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(0)

    spin(0.1)
    print("ticks while the loop computes:", ticks)
    assert ticks == 0

    await asyncio.to_thread(spin, 0.1)
    print("ticks while a thread computes:", "some" if ticks > 0 else "none")
    assert ticks > 0
    ticker.cancel()


asyncio.run(main())
