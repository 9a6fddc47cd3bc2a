"""One limit for all: thousands of jobs, and never more than 50 at work."""
import asyncio


async def main():
    limit = asyncio.Semaphore(50)
    at_work = 0
    peak = 0
    done = 0

    async def job():
        nonlocal at_work, peak, done
        async with limit:
            at_work += 1
            peak = max(peak, at_work)
            await asyncio.sleep(0.001)
            at_work -= 1
            done += 1

    # Two parts of a program that know nothing of each other share the limit.
    async def part(jobs):
        await asyncio.gather(*(job() for _ in range(jobs)))

    await asyncio.gather(part(2000), part(1000))
    print("jobs done:", done)
    print("most at once:", peak)
    assert (done, peak) == (3000, 50)


asyncio.run(main())
