"""After a busy loop the inner timeout, caught, does not cancel the outer one."""
import asyncio
import time


async def main():
    async with asyncio.timeout(60):
        try:
            async with asyncio.timeout(0.01):
                time.sleep(0.05)
                await asyncio.Future()
        except TimeoutError:
            print("inner: timeout")
        await asyncio.sleep(0.01)
        print("outer: runs on")
    try:
        async with asyncio.timeout(0.02):
            time.sleep(0.05)
            await asyncio.Future()
    except TimeoutError:
        print("a late timeout still comes")


asyncio.run(main())
