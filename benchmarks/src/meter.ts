/** What is measured inside the process of a contender, and sent to the harness. */
import { existsSync, readFileSync } from "node:fs"
import { percentile } from "./statistics.ts"
import type { Measure, Meter, Resources } from "./workload.ts"

/** The measured rounds of one size, added up. Python contenders send the same record. */
export interface Sample {
  /** Operations, as counted by the work. */
  readonly done: number
  readonly wallSeconds: number
  /** User and system time of all threads of the process. */
  readonly cpuSeconds: number
  /** The highest resident size of the process so far, and the one before its first round. */
  readonly peakBytes: number
  readonly startBytes: number
  /** Resident bytes and, on Node, heap bytes, that `end` found more than `begin`: for `memory` only. */
  readonly residentBytes: number | null
  readonly heapBytes: number | null
  /** For `lag` only. */
  readonly lagSeconds: number | null
  /** What else was counted, by title. */
  readonly facts?: Readonly<Record<string, number>>
}

/** A meter, and what it has seen so far. */
export interface Measuring extends Meter {
  readonly seen: () => Omit<Sample, "done">
}

export const makeMeter = (measure: Measure, startBytes = 0): Measuring => {
  let [wallSeconds, cpuSeconds] = [0, 0]
  let [wallAtBegin, cpuAtBegin] = [0, 0]
  let programs: Resources | undefined
  const facts: Record<string, number> = {}
  const memory = measure === "memory" ? makeMemoryMeter() : undefined
  const lag = measure === "lag" ? makeLagMeter() : undefined
  return {
    begin: () => {
      memory?.begin()
      lag?.begin()
      cpuAtBegin = cpuNow()
      wallAtBegin = performance.now() / 1000
    },
    end: () => {
      wallSeconds += performance.now() / 1000 - wallAtBegin
      cpuSeconds += cpuNow() - cpuAtBegin
      memory?.end()
      lag?.end()
    },
    late: (seconds) => lag?.late(seconds),
    used: (resources) => {
      programs = {
        cpuSeconds: (programs?.cpuSeconds ?? 0) + resources.cpuSeconds,
        peakBytes: Math.max(programs?.peakBytes ?? 0, resources.peakBytes)
      }
    },
    fact: (title, value) => {
      facts[title] = value
    },
    seen: () => ({
      wallSeconds,
      cpuSeconds: programs?.cpuSeconds ?? cpuSeconds,
      startBytes: programs === undefined ? startBytes : 0,
      peakBytes: programs?.peakBytes ?? peakBytes(),
      facts,
      residentBytes: memory?.resident() ?? null,
      heapBytes: memory?.heap() ?? null,
      lagSeconds: lag?.p99() ?? null
    })
  }
}

/** Where a round is not measured. */
export const noMeter: Meter = {
  begin: () => {},
  end: () => {},
  late: () => {},
  used: () => {},
  fact: () => {}
}

export const cpuNow = (): number => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1e6
}

const makeMemoryMeter = () => {
  let [resident, heap] = [0, 0]
  const add = (sign: 1 | -1) => {
    // The second collection takes what the finalizers of the first have let go.
    gc!()
    gc!()
    const { external, heapUsed, rss } = process.memoryUsage()
    resident += sign * rss
    heap += sign * (heapUsed + external)
  }
  return { begin: () => add(-1), end: () => add(1), resident: () => resident, heap: () => heap }
}

/** How late a timer fires that is set again and again while the work runs. */
const makeLagMeter = () => {
  const periodMilliseconds = 5
  const lags: Array<number> = []
  const own: Array<number> = []
  let due = 0
  let timer: NodeJS.Timeout | undefined
  const next = () => {
    due = performance.now() + periodMilliseconds
    timer = setTimeout(() => {
      lags.push((performance.now() - due) / 1000)
      next()
    }, periodMilliseconds)
  }
  const end = () => {
    clearTimeout(timer)
    // The last one counts too: where the work never gave way, it is the only one.
    lags.push(Math.max(0, performance.now() - due) / 1000)
  }
  const p99 = () => percentile(own.length > 0 ? own : lags, 99)
  return { begin: next, end, late: (seconds: number) => own.push(seconds), p99 }
}

/**
 * The highest resident size of this process so far.
 *
 * Hazard: on Linux `getrusage` counts the parent's size at the fork into a child's maximum. A child
 * that is smaller than the harness would show the harness.
 */
const peakBytes = (): number => {
  if (!existsSync("/proc/self/status")) return process.resourceUsage().maxRSS * 1024
  const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))!
  return Number(kilobytes) * 1024
}
