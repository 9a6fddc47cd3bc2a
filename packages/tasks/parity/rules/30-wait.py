"""wait returns what is done and what is pending, and cancels nothing."""
import asyncio


def show(until, outcome):
    done, pending = (sorted(task.get_name() for task in tasks) for tasks in outcome)
    print(f"{until}: done", *done, "pending", *pending)


async def main():
    async def work(value):
        await asyncio.sleep(0)
        if value == "fails":
            raise ValueError(value)

    ok, ok2, fails = (
        asyncio.create_task(work(name), name=name) for name in ("ok", "ok2", "fails")
    )
    gate = asyncio.Event()
    waits = asyncio.create_task(gate.wait(), name="waits")
    show("first", await asyncio.wait([ok, ok2, waits], return_when=asyncio.FIRST_COMPLETED))
    show("failure", await asyncio.wait([ok, fails, waits], return_when=asyncio.FIRST_EXCEPTION))
    show("timeout", await asyncio.wait([ok, waits], timeout=0.01))
    waiter = asyncio.create_task(asyncio.wait([waits]))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    print("the waiter was cancelled")
    gate.set()
    show("all", await asyncio.wait([ok, waits]))


asyncio.run(main())
