"""A failure of cleanup wins over the timeout: who catches only the timeout does not catch it."""
import asyncio


async def work():
    try:
        await asyncio.Future()
    finally:
        raise ValueError("cleanup")


async def load():
    try:
        await asyncio.wait_for(work(), 0.01)
    except TimeoutError:
        print("caught the timeout")


async def main():
    try:
        await load()
        print("the failure of cleanup is lost")
    except ValueError as error:
        print("reported:", error)


asyncio.run(main())
