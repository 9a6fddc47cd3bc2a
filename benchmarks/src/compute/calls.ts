/** CPU-bound calls on worker threads: how long they take, and what the main thread does meanwhile. */
import * as Cpu from "@fibra/compute/Cpu"
import * as Task from "@fibra/tasks/Task"
import * as Effect from "effect/Effect"
import type { Body, Workload } from "../workload.ts"
import { countPrimes } from "./primes.ts"

/** About a fifth of a second of work, and its result. */
const [limit, primes] = [1_000_000, 78_498]

/** Does the work on the pool, `calls` at once; a batch counts if each result is right. */
const onPool =
  (calls: number): Body =>
  (size, meter) =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const module = new URL("./primes.ts", import.meta.url)
          const cpu = yield* Cpu.pool<typeof import("./primes.ts")>({ module, size: 2 })
          const batch = (calls: number) =>
            Task.gather(Array.from({ length: calls }, () => cpu.run("countPrimes", limit)))
          // Both workers are started, and have compiled the function.
          yield* batch(2)
          meter.begin()
          let done = 0
          for (let i = 0; i < size; i++) {
            const found = yield* batch(calls)
            if (found.every((count) => count === primes)) done++
          }
          meter.end()
          return done
        })
      )
    )

const onMainThread: Body = async (size, meter) => {
  meter.begin()
  let done = 0
  for (let i = 0; i < size; i++) {
    if (countPrimes(limit) === primes) done++
    await new Promise((resume) => setImmediate(resume))
  }
  meter.end()
  return done
}

const calls: Workload = {
  name: "calls",
  work: "n times, one after the other: counts the primes below a million, once or twice at a time.",
  module: import.meta.url,
  measure: "wall",
  warmUp: { size: 1, seconds: 0 },
  operationsMin: 1,
  sizes: [5],
  baseline: "Cpu.pool, one call",
  contenders: {
    "Cpu.pool, one call": { run: onPool(1) },
    "Cpu.pool, two calls at once": { run: onPool(2) },
    "main thread, one call": { run: onMainThread }
  }
}

const lag: Workload = {
  ...calls,
  name: "lag",
  work: "The same. Compared is how late a timer of the main thread is meanwhile.",
  measure: "lag"
}

export const workloads: ReadonlyArray<Workload> = [calls, lag]
