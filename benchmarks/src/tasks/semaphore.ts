/** Many tasks that compete for ten permits. */
import * as Semaphore from "@fibra/tasks/Semaphore"
import { Semaphore as MutexSemaphore } from "async-mutex"
import * as Effect from "effect/Effect"
import * as RawSemaphore from "effect/Semaphore"
import pLimit from "p-limit"
import type { Body, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { warmed } from "./sizes.ts"
import { range, timed } from "./rounds.ts"

const permits = 10

/** Counts the visits that were made with no more than the permitted number of others inside. */
const makeRoom = () => {
  let [inside, visits] = [0, 0]
  return {
    enter: () => {
      inside++
    },
    leave: () => {
      if (inside <= permits) visits++
      inside--
    },
    visits: () => visits
  }
}

type WithPermit = (visit: Effect.Effect<void>) => Effect.Effect<void>

const effects =
  (make: Effect.Effect<WithPermit>): Body =>
  (size, meter) =>
    timed(meter, () =>
      Effect.gen(function* () {
        const withPermit = yield* make
        const { enter, leave, visits } = makeRoom()
        const visit = () =>
          withPermit(Effect.flatMap(Effect.sync(enter), () => Effect.map(Effect.yieldNow, leave)))
        yield* Effect.forEach(range(size), visit, { concurrency: "unbounded", discard: true })
        return visits()
      })
    )

/** Gives way as the others do: until the event loop has turned, and not for a microtask only. */
const turn = () => new Promise<void>((resume) => setImmediate(resume))

const promises =
  (make: () => (visit: () => Promise<void>) => Promise<void>): Body =>
  async (size, meter) => {
    meter.begin()
    const withPermit = make()
    const { enter, leave, visits } = makeRoom()
    const visit = async () => {
      enter()
      await turn()
      leave()
    }
    await Promise.all(range(size).map(() => withPermit(visit)))
    meter.end()
    return visits()
  }

const semaphore: Workload = {
  ...warmed,
  name: "semaphore(10)",
  work: "n tasks take one of ten permits each, give way to the others once, and give it back.",
  module: import.meta.url,
  measure: "wall",
  sizes: [1_000, 10_000, 20_000, 100_000],
  baseline: "Semaphore",
  contenders: {
    Semaphore: { run: effects(Effect.map(Semaphore.make(permits), (made) => made.withPermit)) },
    "Effect Semaphore": {
      run: effects(Effect.map(RawSemaphore.make(permits), (made) => made.withPermit)),
      sizes: [1_000, 10_000, 20_000],
      note: "raw Effect. Left out above 20,000: its cost grows with the square of its waiters."
    },
    "asyncio.Semaphore": {
      ...asyncio("semaphore.py", "Semaphore"),
      sizes: [1_000, 10_000, 100_000]
    },
    "asyncio.Semaphore, uvloop": {
      ...asyncio("semaphore.py", "Semaphore", "uvloop"),
      sizes: [1_000, 10_000, 100_000]
    },
    "async-mutex": {
      run: promises(() => {
        const made = new MutexSemaphore(permits)
        return (visit) => made.runExclusive(visit)
      }),
      sizes: [1_000, 10_000, 100_000],
      note: "promises: no task to interrupt, no cleanup, nobody is told who waits."
    },
    "p-limit": {
      run: promises(() => pLimit(permits)),
      sizes: [1_000, 10_000, 100_000],
      note: "promises; not a semaphore: it calls functions, ten at a time, in order."
    }
  }
}

export const workloads: ReadonlyArray<Workload> = [semaphore]
