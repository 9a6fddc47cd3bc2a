"""A cancelled waiter of a condition holds the lock again, and passes the notify on."""
import asyncio


async def main():
    condition = asyncio.Condition()

    async def wait(name):
        async with condition:
            try:
                await condition.wait()
                print(f"{name}: notified")
            except asyncio.CancelledError:
                print(f"{name}: cancelled, holds the lock:", "yes" if condition.locked() else "no")
                raise

    first, second = [asyncio.create_task(wait(name)) for name in ("first", "second")]
    await asyncio.sleep(0)
    async with condition:
        condition.notify(1)
        first.cancel()
        await asyncio.sleep(0)
        print("notifier: leaves")
    await asyncio.wait([first, second])

    event = asyncio.Event()
    waiter = asyncio.create_task(event.wait())
    await asyncio.sleep(0)
    event.set()
    event.clear()
    await waiter
    print("event set and cleared: the waiter went on")


asyncio.run(main())
