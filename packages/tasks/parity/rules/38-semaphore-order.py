"""A semaphore serves in order of arrival, also before newcomers; over-release is refused."""
import asyncio


async def main():
    semaphore = asyncio.Semaphore(1)

    async def twice(name):
        for turn in (1, 2):
            async with semaphore:
                print(f"{name}, turn {turn}")
                await asyncio.sleep(0)

    await asyncio.gather(twice("a"), twice("b"), twice("c"))
    bounded = asyncio.BoundedSemaphore(1)
    async with bounded:
        print("free inside:", 0 if bounded.locked() else 1)
    try:
        bounded.release()
    except ValueError:
        print("giving back a permit too many: refused")


asyncio.run(main())
