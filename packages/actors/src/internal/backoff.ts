/** How long a child that crashed waits for its restart: one driver of a schedule for each child. */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** Its input is why the child crashed. */
export type Policy = Schedule.Schedule<unknown, Cause.Cause<unknown>>

export interface Backoff {
  /**
   * Sleeps as long as the schedule wants. False when the schedule has come to its end. `afresh` starts
   * the schedule from its beginning.
   */
  readonly wait: (cause: Cause.Cause<unknown>, afresh: boolean) => Effect.Effect<boolean>
}

export const make = (policy: Policy): Backoff => {
  const toStep = Schedule.toStep(policy)
  let step: Effect.Success<typeof toStep> | undefined
  return {
    wait: (cause, afresh) =>
      Effect.gen(function* () {
        if (step === undefined || afresh) step = yield* toStep
        const [, delay] = yield* step(yield* Clock.currentTimeMillis, cause)
        yield* Effect.sleep(delay)
        return true
      }).pipe(Effect.catchTag("Done", () => Effect.succeed(false)))
  }
}
