"""What the same work passed twice does."""
import asyncio


async def main():
    runs = 0

    async def work():
        nonlocal runs
        runs += 1
        return runs

    coroutine = work()
    print("a coroutine twice:", *await asyncio.gather(coroutine, coroutine))
    runs = 0
    task = asyncio.create_task(work())
    print("a task twice:", *await asyncio.gather(task, task))


asyncio.run(main())
