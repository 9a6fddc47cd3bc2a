"""The process of one asyncio contender: warms up, runs the measured rounds, prints one line of JSON.

The counterpart of contender.bench.ts: same order in, same record out.
"""

import asyncio
import gc
import json
import resource
import sys
import time


class Meter:
    """Says which part of a round counts; see workload.ts."""

    def __init__(self, measure):
        self.memory = measure == "memory"
        self.wall = self.cpu = self.resident = 0

    def begin(self):
        if self.memory:
            gc.collect()
            self.resident -= resident_bytes()
        self.cpu -= time.process_time()
        self.wall -= time.perf_counter()

    def end(self):
        self.wall += time.perf_counter()
        self.cpu += time.process_time()
        if self.memory:
            gc.collect()
            self.resident += resident_bytes()


class NoMeter:
    def begin(self):
        pass

    def end(self):
        pass


def status_bytes(key):
    """A size in /proc/self/status, or None where there is no such file."""
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith(key))
            return int(line.split()[1]) * 1024
    except FileNotFoundError:
        return None


def peak_bytes():
    # Hazard: on Linux the maximum of getrusage includes the parent's size at the fork.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return status_bytes("VmHWM:") or (peak if sys.platform == "darwin" else peak * 1024)


def resident_bytes():
    return status_bytes("VmRSS:") or peak_bytes()


def loop_factory(loop):
    if loop == "uvloop":
        import uvloop

        return uvloop.new_event_loop
    return asyncio.new_event_loop


def main(contenders):
    """Runs the contender that the order names. Each is `async (size, meter) -> operations done`."""
    order = json.loads(sys.argv[1])
    run = contenders[order["contender"]]
    start_bytes = resident_bytes()
    samples = []
    with asyncio.Runner(loop_factory=loop_factory(order["loop"])) as runner:
        warm = time.process_time() + order["warmUp"]["seconds"]
        while True:
            runner.run(run(order["warmUp"]["size"], NoMeter()))
            if time.process_time() >= warm:
                break
        for part in order["sizes"]:
            meter = Meter(order["measure"])
            done = sum(runner.run(run(part["size"], meter)) for _ in range(part["rounds"]))
            samples.append(
                {
                    "done": done,
                    "wallSeconds": meter.wall,
                    "cpuSeconds": meter.cpu,
                    "residentBytes": meter.resident if meter.memory else None,
                    "heapBytes": None,
                    "lagSeconds": None,
                    "startBytes": start_bytes,
                    "peakBytes": peak_bytes(),
                }
            )
    print(json.dumps(samples))
