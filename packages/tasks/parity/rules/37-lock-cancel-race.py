"""A release that meets a cancelled waiter wakes exactly one live waiter."""
import asyncio


async def main():
    lock = asyncio.Lock()
    names = ("a", "b", "c", "d")
    entered = {name: asyncio.Event() for name in names}
    leave = {name: asyncio.Event() for name in names}

    async def visit(name):
        async with lock:
            print(f"{name} enters")
            entered[name].set()
            await leave[name].wait()

    a, b, c, d = [asyncio.create_task(visit(name)) for name in names]
    await entered["a"].wait()
    leave["a"].set()
    b.cancel()
    await entered["c"].wait()
    await asyncio.wait([a, b])
    print("b cancelled:", "yes" if b.cancelled() else "no")
    print("d entered with c:", "yes" if entered["d"].is_set() else "no")
    leave["c"].set()
    leave["d"].set()
    await asyncio.wait([c, d])
    print("locked at the end:", "yes" if lock.locked() else "no")


asyncio.run(main())
