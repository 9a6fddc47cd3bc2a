/** What the rounds of these workloads are made of. */
import * as Effect from "effect/Effect"
import type { Meter } from "../workload.ts"

/** Runs an effect as one round, and measures all of it. */
export const timed = (meter: Meter, round: () => Effect.Effect<number, unknown>): Promise<number> =>
  Effect.runPromise(
    Effect.suspend(() => {
      meter.begin()
      return Effect.tap(round(), () => Effect.sync(meter.end))
    })
  )

/** Gives way to the other tasks until they have made something true. */
export const until = (isTrue: () => boolean): Effect.Effect<void> =>
  Effect.whileLoop({ while: () => !isTrue(), body: () => Effect.yieldNow, step: () => {} })

/** The numbers from 0 to `size`, which stand for what a program would work on. */
export const range = (size: number): ReadonlyArray<number> =>
  Array.from({ length: size }, (_, i) => i)
