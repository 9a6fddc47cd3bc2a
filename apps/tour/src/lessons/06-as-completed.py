"""as_completed: each result as soon as it is there."""
import asyncio


async def main():
    running = 0
    peak = 0
    two = asyncio.Semaphore(2)

    async def job(milliseconds):
        nonlocal running, peak
        async with two:
            running += 1
            peak = max(peak, running)
            await asyncio.sleep(milliseconds / 1000)
            running -= 1
            return milliseconds

    results = []
    for next_one in asyncio.as_completed([job(m) for m in [150, 50, 200]]):
        results.append(await next_one)
    print("in order of completion:", *results)
    print("most at once:", peak)
    assert results == [50, 150, 200]
    assert peak == 2


asyncio.run(main())
