"""A cancelled sleep leaves no timer behind."""
import asyncio


def timers():
    scheduled = asyncio.get_running_loop()._scheduled
    return sum(1 for handle in scheduled if not handle.cancelled())


async def main():
    before = timers()
    sleeper = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    print("timers of the sleeper:", timers() - before)
    sleeper.cancel()
    await asyncio.wait([sleeper])
    print("timers of the cancelled sleeper:", timers() - before)


asyncio.run(main())
