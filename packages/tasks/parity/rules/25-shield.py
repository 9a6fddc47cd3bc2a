"""Cancelling the waiter cancels the work; shielded work runs on, and its result stays readable."""
import asyncio


async def work(release):
    try:
        await release.wait()
        return "value"
    except asyncio.CancelledError:
        print("work: cancelled")
        raise


async def cancel(waiter):
    for _ in range(3):
        await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    print("waiter:", "cancelled" if waiter.cancelled() else "finished")


async def main():
    release = asyncio.Event()
    await cancel(asyncio.create_task(asyncio.wait_for(work(release), 60)))

    shielded = asyncio.create_task(work(release))

    async def wait():
        await asyncio.shield(shielded)

    await cancel(asyncio.create_task(wait()))
    release.set()
    print("shielded work:", await shielded)


asyncio.run(main())
