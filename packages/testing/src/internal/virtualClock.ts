/** A clock on which nothing waits: time is what `now` says, in milliseconds from 0. */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Creates the clock; `wait` suspends for a time that is above 0 and finite. */
export const make = (
  now: () => number,
  wait: (millis: number) => Effect.Effect<void>
): Clock.Clock => {
  const nanos = () => BigInt(Math.round(now() * 1_000_000))
  return {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) => {
      const millis = Duration.toMillis(duration)
      if (millis <= 0) return Effect.yieldNow
      return Number.isFinite(millis) ? wait(millis) : Effect.never
    }
  }
}
