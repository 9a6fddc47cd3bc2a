"""Producer and consumers: a bounded queue, and task_done to know the end."""
import asyncio


async def main():
    queue = asyncio.Queue(maxsize=2)
    handled = []

    async def produce():
        for item in range(1, 7):
            # Waits while the queue is full: this is the backpressure.
            await queue.put(item)

    async def consume():
        while True:
            item = await queue.get()
            try:
                await asyncio.sleep(0.01)
                handled.append(item)
            finally:
                queue.task_done()

    consumers = [asyncio.create_task(consume()) for _ in range(2)]
    await produce()
    await queue.join()
    print("handled:", *sorted(handled))
    print("left in the queue:", queue.qsize())
    assert sorted(handled) == [1, 2, 3, 4, 5, 6]

    # They wait for more, for ever: cancel them, and wait for that.
    for consumer in consumers:
        consumer.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)


asyncio.run(main())
