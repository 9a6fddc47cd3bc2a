"""A group that was not entered, or was entered before, is refused."""
import asyncio


async def main():
    group = asyncio.TaskGroup()
    work = asyncio.sleep(0)
    try:
        group.create_task(work)
    except RuntimeError:
        work.close()
        print("spawn before entering: refused when it runs")
    async with group:
        pass
    try:
        async with group:
            pass
    except RuntimeError:
        print("entering twice: refused when it runs")


asyncio.run(main())
