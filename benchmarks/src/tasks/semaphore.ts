/** Many tasks that compete for ten permits. */
import * as Semaphore from "@fibra/tasks/Semaphore"
import * as Task from "@fibra/tasks/Task"
import { Semaphore as MutexSemaphore } from "async-mutex"
import * as Effect from "effect/Effect"
import * as RawSemaphore from "effect/Semaphore"
import pLimit from "p-limit"
import type { Body, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { warmed } from "./sizes.ts"
import { range, timed } from "./rounds.ts"

const permits = 10

/** Counts the visits during which no more than `limit` were inside. */
const makeRoom = (limit: number) => {
  let [inside, visits] = [0, 0]
  return {
    enter: () => {
      inside++
    },
    leave: () => {
      if (inside <= limit) visits++
      inside--
    },
    visits: () => visits
  }
}

type Visit = Effect.Effect<void>

/** Each contender starts its tasks in its own way: `all` is that of ours, or that of raw Effect. */
const effects =
  (
    make: Effect.Effect<(visit: Visit) => Visit>,
    all: (visits: ReadonlyArray<Visit>) => Effect.Effect<unknown>,
    limit = permits
  ): Body =>
  (size, meter) =>
    timed(meter, () =>
      Effect.gen(function* () {
        const withPermit = yield* make
        const { enter, leave, visits } = makeRoom(limit)
        const turn = Effect.map(Effect.yieldNow, leave)
        const visit = withPermit(
          Effect.suspend(() => {
            enter()
            return turn
          })
        )
        yield* all(range(size).map(() => visit))
        return visits()
      })
    )

const allRaw = (visits: ReadonlyArray<Visit>) =>
  Effect.all(visits, { concurrency: "unbounded", discard: true })

/** Gives way as the others do: until the event loop has turned, and not for a microtask only. */
const turn = () => new Promise<void>((resume) => setImmediate(resume))

const promises =
  (make: () => (visit: () => Promise<void>) => Promise<void>): Body =>
  async (size, meter) => {
    meter.begin()
    const withPermit = make()
    const { enter, leave, visits } = makeRoom(permits)
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
    Semaphore: {
      run: effects(
        Effect.map(Semaphore.make(permits), ({ withPermit }) => withPermit),
        Task.gather
      )
    },
    "no semaphore": {
      run: effects(
        Effect.succeed((visit) => visit),
        Task.gather,
        Infinity
      ),
      note: "the control: what the tasks of ours cost, and grow by, without a semaphore."
    },
    "Effect Semaphore": {
      run: effects(
        Effect.map(RawSemaphore.make(permits), ({ withPermit }) => withPermit),
        allRaw
      ),
      sizes: [1_000, 20_000],
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
