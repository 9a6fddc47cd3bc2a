"""wait_for and timeout: give up after a time, when cleanup is over."""
import asyncio


async def main():
    log = []

    async def load(seconds):
        try:
            await asyncio.sleep(seconds)
            return "loaded"
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            log.append("connection closed")
            raise

    print("fast:", await asyncio.wait_for(load(0.01), timeout=1))

    try:
        await asyncio.wait_for(load(10), timeout=0.05)
    except TimeoutError:
        log.append("timeout")
    print("slow:", ", ".join(log))
    assert log == ["connection closed", "timeout"]

    # The deadline can be moved while its block runs.
    async with asyncio.timeout(0.05) as deadline:
        deadline.reschedule(asyncio.get_running_loop().time() + 10)
        print("moved:", await load(0.1))


asyncio.run(main())
