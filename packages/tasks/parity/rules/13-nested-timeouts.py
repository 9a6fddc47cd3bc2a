"""Of two nested timeouts that end together only the outer one raises."""
import asyncio


async def main():
    end = asyncio.get_running_loop().time() + 0.01
    try:
        async with asyncio.timeout_at(end):
            try:
                async with asyncio.timeout_at(end):
                    await asyncio.Future()
            except TimeoutError:
                print("inner: timeout")
            except asyncio.CancelledError:
                print("inner: cancelled")
                raise
    except TimeoutError as error:
        print("outer: timeout")
        print("the error names:", str(error) or "nothing")


asyncio.run(main())
