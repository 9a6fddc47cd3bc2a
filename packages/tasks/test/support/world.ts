/** Runs a program cut off from the real world, and counts what it leaves behind. */
import { Clock, Duration, Effect, Logger, Metric } from "effect"

/** Fibers that have not ended, and sleeps that have not either. */
export interface Left {
  fibers: number
  timers: number
}

/**
 * Gives the effect a clock on which a sleep takes a number of turns, and a logger; counts its fibers
 * and sleeps in `left`.
 */
export const within =
  (left: Left, log: (entry: Logger.Options<unknown>) => void) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    self.pipe(
      Effect.provideService(Clock.Clock, turnClock(left)),
      Effect.provideService(Logger.CurrentLoggers, new Set([Logger.make(log)])),
      Effect.provideService(Metric.FiberRuntimeMetrics, {
        recordFiberStart: () => left.fibers++,
        recordFiberEnd: () => left.fibers--
      })
    )

/** Time passes by the turns of those who sleep: one millisecond each. */
const turnClock = (left: Left): Clock.Clock => {
  let now = 0
  const millis = () => now
  const nanos = () => BigInt(now) * 1_000_000n
  const until = (end: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (now >= end) return Effect.void
      now++
      return Effect.andThen(Effect.yieldNow, until(end))
    })
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.acquireUseRelease(
        Effect.sync(() => left.timers++),
        () => Effect.suspend(() => until(now + Math.ceil(Duration.toMillis(duration)))),
        () => Effect.sync(() => left.timers--)
      )
  }
}
