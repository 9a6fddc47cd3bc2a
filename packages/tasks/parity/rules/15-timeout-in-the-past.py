"""A timeout of zero or less lets the body run to its first suspension, even of no time."""
import asyncio


async def main():
    for delay in (0, -1):
        try:
            async with asyncio.timeout(delay):
                print("body starts")
                await asyncio.sleep(0)
                print("body goes on")
        except TimeoutError:
            print("timeout")


asyncio.run(main())
