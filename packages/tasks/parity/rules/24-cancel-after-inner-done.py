"""A cancel that arrives when the inner task is already done is not lost."""
import asyncio


async def wait(inner):
    await asyncio.wait_for(inner, 60)
    await asyncio.sleep(0)
    print("waiter: goes on")


async def main():
    inner = asyncio.create_task(asyncio.sleep(0, "value"))
    waiter = asyncio.create_task(wait(inner))
    while not inner.done():
        await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    print("inner:", inner.result())
    print("waiter:", "cancelled" if waiter.cancelled() else "finished")


asyncio.run(main())
