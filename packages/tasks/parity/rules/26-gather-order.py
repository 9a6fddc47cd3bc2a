"""gather keeps the order of its arguments, with collected errors and cancels in their places."""
import asyncio


async def after(delay, value):
    await asyncio.sleep(delay)
    return value


async def fail():
    raise ValueError("error")


async def cancel():
    raise asyncio.CancelledError


def show(result):
    return "cancelled" if isinstance(result, asyncio.CancelledError) else result


async def main():
    print(*await asyncio.gather(after(0.03, "a"), after(0, "b"), after(0.01, "c")))
    settled = await asyncio.gather(
        after(0.01, "a"), fail(), cancel(), after(0, "d"), return_exceptions=True
    )
    print(*map(show, settled))


asyncio.run(main())
