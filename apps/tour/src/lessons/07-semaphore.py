"""A semaphore: five guests, two seats, and nobody is overtaken."""
import asyncio


async def main():
    seats = asyncio.Semaphore(2)
    seated = []
    inside = 0
    peak = 0

    async def meal(guest):
        nonlocal inside, peak
        async with seats:
            inside += 1
            peak = max(peak, inside)
            seated.append(guest)
            await asyncio.sleep(0.1)
            inside -= 1

    await asyncio.gather(*(meal(guest) for guest in [1, 2, 3, 4, 5]))

    assert peak == 2
    assert seated == [1, 2, 3, 4, 5]
    print("most at once:", peak)
    print("seated in order:", *seated)


asyncio.run(main())
