"""The event loop: coroutines take turns, and change only at an await."""
import asyncio

log = []


async def count(name):
    for step in [1, 2, 3]:
        # Nobody comes between these two lines: there is no await.
        before = len(log)
        log.append(f"{name}{step}")
        assert len(log) == before + 1
        await asyncio.sleep(0)


async def main():
    coroutine = count("a")
    # Calling it has run nothing.
    assert log == []
    print("before it runs:", len(log))

    await asyncio.gather(coroutine, count("b"))
    print("in turns:", *log)
    assert log == ["a1", "b1", "a2", "b2", "a3", "b3"]


asyncio.run(main())
