"""What becomes of the siblings of the first task of a gather that fails."""
import asyncio


async def fail():
    await asyncio.sleep(0.01)
    raise ValueError("error")


async def sibling():
    try:
        await asyncio.sleep(0.2)
        print("sibling: finished")
    except asyncio.CancelledError:
        print("sibling: cancelled")
        raise


async def main():
    siblings = asyncio.create_task(sibling())
    try:
        await asyncio.gather(siblings, fail())
    except ValueError as error:
        print("gather:", error)
    await siblings


asyncio.run(main())
