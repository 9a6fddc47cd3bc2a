"""A loop of somebody else: a game draws frames, and tasks run in between."""
import asyncio

log = []


async def program():
    for step in [1, 2, 3]:
        log.append(f"step {step}")
        await asyncio.sleep(0)
    return "done"


def main():
    loop = asyncio.new_event_loop()
    task = loop.create_task(program())
    assert log == []

    frame = 0
    while not task.done():
        frame += 1
        log.append(f"frame {frame}")
        # One turn of the loop: it stops itself after what is ready now.
        loop.call_soon(loop.stop)
        loop.run_forever()

    print("in order:", ", ".join(log))
    print("result:", task.result())
    assert log[:4] == ["frame 1", "step 1", "frame 2", "step 2"]
    loop.close()


main()
