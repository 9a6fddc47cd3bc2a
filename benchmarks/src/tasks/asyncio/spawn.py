"""Starting tasks and waiting for all of them; see spawn.ts."""

import asyncio

import bench


def counter(pauses):
    done = 0

    async def pausing(i):
        nonlocal done
        await asyncio.sleep(0)
        done += 1
        return i

    async def short(i):
        nonlocal done
        done += 1
        return i

    return (pausing if pauses else short), lambda: done


def gather(pauses):
    async def run(size, meter):
        task, done = counter(pauses)
        meter.begin()
        await asyncio.gather(*[task(i) for i in range(size)])
        meter.end()
        return done()

    return run


def task_group(pauses):
    async def run(size, meter):
        task, done = counter(pauses)
        meter.begin()
        async with asyncio.TaskGroup() as group:
            for i in range(size):
                group.create_task(task(i))
        meter.end()
        return done()

    return run


bench.main(
    {
        "gather of pausing tasks": gather(True),
        "gather of short tasks": gather(False),
        "TaskGroup of pausing tasks": task_group(True),
        "TaskGroup of short tasks": task_group(False),
    }
)
