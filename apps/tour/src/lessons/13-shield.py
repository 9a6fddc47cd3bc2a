"""shield: whoever waits may give up, and the work goes on."""
import asyncio


async def main():
    saved = []

    async def save():
        await asyncio.sleep(0.5)
        saved.append("order 7")
        return "saved"

    # The event loop keeps weak references only: hold on to the task.
    task = asyncio.create_task(save())
    try:
        await asyncio.wait_for(asyncio.shield(task), timeout=0.02)
    except TimeoutError:
        print("the waiter: gave up")
    assert saved == []

    print("the work:", await task)
    assert saved == ["order 7"]


asyncio.run(main())
