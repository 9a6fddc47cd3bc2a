"""What ends the program (KeyboardInterrupt, SystemExit) is not wrapped by the group."""
import asyncio


async def fail():
    await asyncio.sleep(0.01)
    raise ValueError("child")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            try:
                await asyncio.Future()
            finally:
                raise KeyboardInterrupt("stop")
    except KeyboardInterrupt as error:
        print("group ended by:", error)
        print("error of the child: lost")
    except BaseExceptionGroup as group:
        print("reported:", *group.exceptions)


asyncio.run(main())
