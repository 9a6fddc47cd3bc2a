"""The end of main cancels what still runs, waits for it, and reports its errors."""
import asyncio


async def leftover():
    try:
        await asyncio.Future()
    finally:
        await asyncio.sleep(0.01)
        print("leftover: cleaned up")
        raise ValueError("cleanup")


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: print("reported:", context["exception"]))
    loop.leftover = asyncio.create_task(leftover())
    await asyncio.sleep(0)
    print("main: finished")


asyncio.run(main())
print("run: ended")
