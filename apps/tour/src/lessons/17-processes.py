"""CPU-bound work: on several processors, and how to stop it."""
import asyncio
from concurrent.futures import ProcessPoolExecutor


def primes_below(limit):
    count = 0
    for n in range(2, limit):
        factor = 2
        while factor * factor <= n and n % factor != 0:
            factor += 1
        if factor * factor > n:
            count += 1
    return count


async def main():
    loop = asyncio.get_running_loop()
    limits = [1_000, 10_000, 20_000]
    with ProcessPoolExecutor(max_workers=2) as pool:
        counts = await asyncio.gather(
            *(loop.run_in_executor(pool, primes_below, n) for n in limits)
        )
        for limit, count in zip(limits, counts):
            print(f"primes below {limit}: {count}")
        assert counts == [168, 1229, 2262]
        # A call that has started cannot be cancelled: an endless one would
        # keep its process, and this block, for ever.


if __name__ == "__main__":
    asyncio.run(main())
