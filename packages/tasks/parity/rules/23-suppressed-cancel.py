"""Work that suppresses the cancel of its timeout returns its value."""
import asyncio


async def work():
    try:
        await asyncio.Future()
    except asyncio.CancelledError:
        return "a value"


async def main():
    try:
        print("result:", await asyncio.wait_for(work(), 0.01))
    except TimeoutError:
        print("result: timeout")


asyncio.run(main())
