"""wait with a timeout: take what is done by then, decide about the rest."""
import asyncio


async def ask(mirror, seconds):
    await asyncio.sleep(seconds)
    return mirror


async def main():
    fast = asyncio.create_task(ask("fast", 0.05))
    middle = asyncio.create_task(ask("middle", 0.15))
    slow = asyncio.create_task(ask("slow", 10))

    done, pending = await asyncio.wait(
        [fast, middle, slow], return_when=asyncio.FIRST_COMPLETED
    )
    print("first:", done.pop().result())

    done, pending = await asyncio.wait([fast, middle, slow], timeout=0.2)
    # done is a set: its order says nothing.
    results = sorted(task.result() for task in done)
    assert results == ["fast", "middle"]
    assert pending == {slow}
    print("in time:", *results)

    # Waiting stops nobody: the slow one still runs, until somebody ends it.
    assert not slow.done()
    print("still running:", len(pending))
    for task in pending:
        task.cancel()
    await asyncio.wait(pending)
    assert slow.cancelled()
    print("after the interrupt: 0")


asyncio.run(main())
