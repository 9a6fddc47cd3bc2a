"""as_completed gives each result once, as it comes; a timeout shows at the next pull."""
import asyncio


async def after(delay, value):
    await asyncio.sleep(delay)
    return value


async def main():
    works = [after(0.09, "c"), after(0.01, "a"), after(0.05, "b")]
    for result in asyncio.as_completed(works):
        print("completed:", await result)

    results = asyncio.as_completed([after(0.01, "first"), after(0.15, "second")])
    for result in results:
        print("before the pause:", await result)
        break
    for result in results:
        print("after the pause:", await result)

    try:
        for result in asyncio.as_completed([after(0, "quick"), after(3600, "slow")], timeout=0.1):
            print("in time:", await result)
    except TimeoutError:
        print("the next one: timeout")


asyncio.run(main())
