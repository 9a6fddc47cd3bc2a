"""Watching: how often work is late, cancelled or failed, and which it was."""
import asyncio


async def main():
    counts = {"done": 0, "failed": 0, "late": 0, "cancelled": 0}
    late = []

    def watch(task):
        if task.cancelled():
            counts["cancelled"] += 1
        elif isinstance(task.exception(), TimeoutError):
            counts["late"] += 1
            late.append(task.get_name())
        elif task.exception() is not None:
            counts["failed"] += 1
        else:
            counts["done"] += 1

    async def report(seconds, error=None, limit=0.1):
        async with asyncio.timeout(limit):
            await asyncio.sleep(seconds)
            if error is not None:
                raise error

    def start(name, job):
        task = asyncio.create_task(job, name=name)
        task.add_done_callback(watch)
        return task

    tasks = [
        start("quick", report(0.01)),
        start("broken", report(0.02, ValueError("broken"))),
        start("slow", report(10)),
        start("unwanted", report(10, limit=20)),
    ]
    await asyncio.sleep(0.05)
    tasks[3].cancel()
    await asyncio.wait(tasks)
    print(", ".join(f"{name} {count}" for name, count in counts.items()))
    print("late:", *late)
    assert set(counts.values()) == {1}


asyncio.run(main())
