"""Waits for Ctrl-C, then cleans up for as many seconds as its argument says."""
import asyncio
import sys


async def main():
    try:
        print("main: waits")
        await asyncio.Future()
    finally:
        print("cleanup: starts")
        await asyncio.sleep(float(sys.argv[1]))
        print("cleanup: finished")


asyncio.run(main())
