/** Many timers at once: those that fire, and those that are taken back. */
import { setTimeout as sleep } from "node:timers/promises"
import * as Deadline from "@fibra/tasks/Deadline"
import * as Task from "@fibra/tasks/Task"
import * as Effect from "effect/Effect"
import type { Body, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { sizes, warmed } from "./sizes.ts"
import { range, timed } from "./rounds.ts"

/** From 1 to 50 milliseconds. */
const pauseOf = (i: number) => 1 + (i % 50)

const body =
  (all: (ids: ReadonlyArray<number>, done: () => void) => Effect.Effect<unknown, unknown>): Body =>
  (size, meter) =>
    timed(meter, () => {
      let finished = 0
      const done = () => {
        finished++
      }
      return Effect.map(all(range(size), done), () => finished)
    })

const unbounded = { concurrency: "unbounded", discard: true } as const

const timers: Workload = {
  warmUp: { size: 10_000, seconds: 0.5 },
  operationsMin: 1,
  name: "sleep",
  work: "n tasks sleep for 1 to 50 ms. Compared is CPU time: most of the rest is sleep.",
  module: import.meta.url,
  measure: "cpu",
  sizes,
  baseline: "Task.gather",
  contenders: {
    "Task.gather": {
      run: body((ids, done) =>
        Task.gather(ids.map((i) => Effect.map(Effect.sleep(pauseOf(i)), done)))
      )
    },
    "Effect.forEach": {
      run: body((ids, done) =>
        Effect.forEach(ids, (i) => Effect.map(Effect.sleep(pauseOf(i)), done), unbounded)
      ),
      note: 'raw Effect, with `concurrency: "unbounded"`.'
    },
    "Promise.all": {
      run: async (size, meter) => {
        meter.begin()
        let finished = 0
        const nap = async (i: number) => {
          await sleep(pauseOf(i))
          finished++
        }
        await Promise.all(range(size).map(nap))
        meter.end()
        return finished
      },
      note: "`node:timers/promises`."
    },
    "asyncio.sleep": asyncio("timers.py", "sleep"),
    "asyncio.sleep, uvloop": asyncio("timers.py", "sleep", "uvloop")
  }
}

const deadlines: Workload = {
  ...warmed,
  name: "deadline",
  work: "n tasks give way once within a deadline of a minute, which is then taken back.",
  module: import.meta.url,
  measure: "wall",
  sizes: [1_000, 20_000],
  baseline: "Deadline.within",
  contenders: {
    "Deadline.within": {
      run: body((ids, done) => {
        const task = Deadline.within("1 minute", "benchmark")(Effect.map(Effect.yieldNow, done))
        return Effect.forEach(ids, () => task, unbounded)
      })
    },
    "Effect.timeout": {
      run: body((ids, done) => {
        const task = Effect.timeout(Effect.map(Effect.yieldNow, done), "1 minute")
        return Effect.forEach(ids, () => task, unbounded)
      }),
      note: "raw Effect; its error does not say whose time is over, and nobody can read or move the deadline."
    },
    "asyncio.timeout": asyncio("timers.py", "timeout"),
    "asyncio.timeout, uvloop": asyncio("timers.py", "timeout", "uvloop")
  }
}

export const workloads: ReadonlyArray<Workload> = [timers, deadlines]
