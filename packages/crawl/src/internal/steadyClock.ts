/** The time of day as it was at the start, and from then on as it really passes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Milliseconds since 1970. A clock of the machine that is set meanwhile neither stops a crawl nor hurries it. */
export type Now = () => number

export const make: Effect.Effect<Now> = Clock.clockWith((clock) =>
  Effect.sync(() => {
    const startMillis = clock.currentTimeMillisUnsafe()
    const startNanos = clock.monotonicTimeNanosUnsafe()
    return () =>
      startMillis + Math.floor(Number(clock.monotonicTimeNanosUnsafe() - startNanos) / 1e6)
  })
)
