"""A failure of cleanup under a timeout surfaces, and so does the timeout."""
import asyncio


async def main():
    try:
        async with asyncio.timeout(0.01):
            try:
                await asyncio.Future()
            finally:
                raise ValueError("cleanup")
    except ValueError as error:
        print("reported:", error)
        print("with the timeout:", "yes" if isinstance(error.__context__, TimeoutError) else "no")


asyncio.run(main())
