"""The first Ctrl-C cancels main and waits for its cleanup, a second one stops at once."""
import asyncio
import pathlib
import signal
import subprocess
import sys

program = pathlib.Path(__file__).with_name("36-ctrl-c.program.py")


def press(times, cleanup):
    command = [sys.executable, "-u", program, cleanup]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    for line in child.stdout:
        print(line, end="")
        if times > 0:
            times -= 1
            child.send_signal(signal.SIGINT)
    status = child.wait()
    print("exit code:", status if status >= 0 else 128 - status)


async def nested():
    work = asyncio.sleep(0, "value")
    try:
        print("run inside a running program:", asyncio.run(work))
    except RuntimeError:
        work.close()
        print("run inside a running program: refused")


press(1, cleanup="0.01")
press(2, cleanup="60")
asyncio.run(nested())
