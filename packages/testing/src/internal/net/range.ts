/** Quantities that the seed picks from a range. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

export type Time = Duration.Input | { readonly min: Duration.Input; readonly max: Duration.Input }

export type Count = number | { readonly min: number; readonly max: number }

/** A duration of the range, in whole milliseconds. A fixed one takes no random number. */
export const pickTime = (time: Time): Effect.Effect<Duration.Duration> => {
  if (!isRange(time)) return Effect.succeed(Duration.fromInputUnsafe(time))
  const [min, max] = [time.min, time.max].map((end) => Duration.toMillis(end))
  return Effect.map(Random.nextIntBetween(min!, max!), (millis) => Duration.millis(millis))
}

export const pickCount = (count: Count): Effect.Effect<number> =>
  typeof count === "number" ? Effect.succeed(count) : Random.nextIntBetween(count.min, count.max)

const isRange = <A>(value: A): value is Extract<A, { readonly min: unknown }> =>
  typeof value === "object" && value !== null && "min" in value
