"""The body of a timeout sees a cancellation, its caller a timeout."""
import asyncio


async def main():
    try:
        async with asyncio.timeout(0.01):
            try:
                await asyncio.Future()
            except asyncio.CancelledError:
                print("body: cancelled")
                raise
    except TimeoutError:
        print("caller: timeout")


asyncio.run(main())
