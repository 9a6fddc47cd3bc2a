"""Cancellation: it comes at an await; whoever asked must wait for cleanup."""
import asyncio


async def main():
    log = []

    async def upload():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            log.append("closing the connection")
            await asyncio.sleep(0.1)
            log.append("closed")
            # Forget this line, and the task is not cancelled at all.
            raise

    task = asyncio.create_task(upload())
    await asyncio.sleep(0.2)
    task.cancel()
    # cancel() only asks. Forget this line, and nobody waits for cleanup.
    await asyncio.wait([task])
    log.append("the caller goes on")

    assert task.cancelled()
    assert log == ["closing the connection", "closed", "the caller goes on"]
    for line in log:
        print(line)
    print("cancelled:", "yes")


asyncio.run(main())
