"""A barrier gives each party its own index, lets a cancelled one leave, and can break."""
import asyncio


async def main():
    barrier = asyncio.Barrier(3)

    async def arrive(when):
        try:
            return await barrier.wait()
        except asyncio.BrokenBarrierError:
            print(f"{when}: broken")

    async def start(when):
        task = asyncio.create_task(arrive(when))
        await asyncio.sleep(0)
        return task

    async def meet(when):
        indices = await asyncio.gather(*(arrive(when) for _ in range(3)))
        print(f"{when}: indices", *sorted(indices))

    gone = await start("cancelled")
    gone.cancel()
    await asyncio.wait([gone])
    print("waiting after the cancel:", barrier.n_waiting)
    await meet("after the cancel")
    waiter = await start("before the reset")
    await barrier.reset()
    await waiter
    await meet("after the reset")
    waiter = await start("before the abort")
    await barrier.abort()
    await waiter
    await arrive("after the abort")


asyncio.run(main())
