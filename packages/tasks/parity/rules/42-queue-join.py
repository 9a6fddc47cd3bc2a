"""join waits until all that was taken is done; shutdown drains, or drops when immediate."""
import asyncio


async def attempt(what, action):
    try:
        result = action()
        if asyncio.iscoroutine(result):
            await result
        print(f"{what}: ok")
    except (ValueError, asyncio.QueueShutDown):
        print(f"{what}: refused")


async def main():
    queue = asyncio.Queue()
    await attempt("join of an empty queue", queue.join)
    await attempt("task_done without take", queue.task_done)

    queue.put_nowait("a")
    join = asyncio.create_task(queue.join())
    await asyncio.sleep(0)
    queue.shutdown()
    await attempt("offer after shutdown", lambda: queue.put("b"))
    print("take after shutdown:", await queue.get())
    await attempt("take when drained", queue.get)
    print("join before task_done:", "done" if join.done() else "waits")
    queue.task_done()
    await join
    print("join after task_done: done")

    queue = asyncio.Queue()
    queue.put_nowait("taken")
    queue.put_nowait("dropped")
    await queue.get()
    join = asyncio.create_task(queue.join())
    await asyncio.sleep(0)
    queue.shutdown(immediate=True)
    await attempt("take after immediate shutdown", queue.get)
    print("join while one is unfinished:", "done" if join.done() else "waits")
    queue.task_done()
    await join
    print("join at the end: done")


asyncio.run(main())
