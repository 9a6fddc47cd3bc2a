"""A timeout of zero returns the value of what is done already, and gives up on the rest."""
import asyncio


async def work():
    print("work starts")
    await asyncio.sleep(0)
    print("work goes on")


async def main():
    done = asyncio.get_running_loop().create_future()
    done.set_result("value")
    print("done already:", await asyncio.wait_for(done, 0))
    try:
        await asyncio.wait_for(work(), 0)
    except TimeoutError:
        print("the rest: timeout")


asyncio.run(main())
