"""gather: results in the order of the arguments, whoever ends first."""
import asyncio


async def main():
    ended = []

    async def fetch(page, seconds):
        await asyncio.sleep(seconds)
        ended.append(page)
        return f"page {page}"

    pages = await asyncio.gather(fetch(1, 0.15), fetch(2, 0.1), fetch(3, 0.05))
    print("ended:", *ended)
    print("results:", ", ".join(pages))
    assert ended == [3, 2, 1]
    assert pages == ["page 1", "page 2", "page 3"]

    async def fail():
        raise ValueError("404")

    settled = await asyncio.gather(
        fetch(4, 0.05), fail(), return_exceptions=True
    )
    print("settled:", settled[0], "and", settled[1])

    # The first failure ends the wait, but not the others.
    sibling = asyncio.create_task(fetch(5, 0.05))
    try:
        await asyncio.gather(sibling, fail())
    except ValueError as error:
        print("failed:", error)
    print("its sibling:", "ended" if sibling.done() else "still running")
    await sibling


asyncio.run(main())
