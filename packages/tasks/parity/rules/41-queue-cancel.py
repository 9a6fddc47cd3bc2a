"""A reader or writer that is cancelled while it wakes loses no item, and leaves no trace."""
import asyncio


async def cancel(task):
    task.cancel()
    await asyncio.wait([task])


async def main():
    queue = asyncio.Queue(1)
    reader = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait("a")
    await cancel(reader)
    print("read:", reader.result() if not reader.cancelled() else queue.get_nowait())

    queue.put_nowait("b")
    writer = asyncio.create_task(queue.put("c"))
    await asyncio.sleep(0)
    print("read:", queue.get_nowait())
    await cancel(writer)
    if writer.cancelled():
        await queue.put("c")
    print("read:", queue.get_nowait())
    print("left:", queue.qsize())


asyncio.run(main())
