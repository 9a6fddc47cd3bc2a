"""A release that meets a cancelled waiter wakes exactly one live waiter."""
import asyncio


async def main():
    lock = asyncio.Lock()
    gate = asyncio.Event()

    async def enter(name):
        async with lock:
            print(f"{name} enters")
            await gate.wait()
        print(f"{name} left")

    tasks = {}
    for name in ("a", "b", "c", "d"):
        tasks[name] = asyncio.create_task(enter(name))
        await asyncio.sleep(0)
    gate.set()
    tasks["b"].cancel()
    gate.clear()
    await asyncio.sleep(0.01)
    print("b cancelled:", "yes" if tasks["b"].cancelled() else "no")
    gate.set()
    await asyncio.wait(tasks.values())
    print("locked at the end:", "yes" if lock.locked() else "no")


asyncio.run(main())
