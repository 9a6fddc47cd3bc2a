"""A timeout waits for the cleanup of its body before it raises."""
import asyncio


async def work():
    try:
        await asyncio.Future()
    finally:
        await asyncio.sleep(0.02)
        print("cleanup finished")


async def main():
    try:
        await asyncio.wait_for(work(), 0.01)
    except TimeoutError:
        print("timeout")


asyncio.run(main())
