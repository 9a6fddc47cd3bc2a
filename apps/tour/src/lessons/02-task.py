"""Coroutine against task: awaited one by one, or started side by side."""
import asyncio


async def job(name, seconds, log):
    log.append(f"{name} starts")
    await asyncio.sleep(seconds)
    log.append(f"{name} ends")
    return name


async def main():
    one_by_one = []
    await job("a", 0.1, one_by_one)
    await job("b", 0.05, one_by_one)
    print("awaited:", ", ".join(one_by_one))
    assert one_by_one == ["a starts", "a ends", "b starts", "b ends"]

    side_by_side = []
    a = asyncio.create_task(job("a", 0.1, side_by_side))
    b = asyncio.create_task(job("b", 0.05, side_by_side))
    # A new task waits for its turn: nothing has run yet.
    assert side_by_side == []
    assert [await a, await b] == ["a", "b"]
    print("as tasks:", ", ".join(side_by_side))
    assert side_by_side == ["a starts", "b starts", "b ends", "a ends"]


asyncio.run(main())
