"""A barrier gives each party its own index, lets a cancelled one leave, and can break."""
import asyncio


async def main():
    barrier = asyncio.Barrier(2)

    async def arrive(when):
        try:
            return await barrier.wait()
        except asyncio.BrokenBarrierError:
            print(f"{when}: broken")

    async def start(when):
        task = asyncio.create_task(arrive(when))
        await asyncio.sleep(0.01)
        return task

    async def pair(when):
        indices = await asyncio.gather(arrive(when), arrive(when))
        print(f"{when}: indices", *sorted(indices))

    gone = await start("cancelled")
    gone.cancel()
    await asyncio.wait([gone])
    print("waiting after the cancel:", barrier.n_waiting)
    await pair("after the cancel")
    waiter = await start("before the reset")
    await barrier.reset()
    await waiter
    await pair("after the reset")
    waiter = await start("before the abort")
    await barrier.abort()
    await waiter
    await arrive("after the abort")


asyncio.run(main())
