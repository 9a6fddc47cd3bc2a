/** Quantities that the seed picks from a range. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { InvalidNet } from "./invalidNet.ts"

export type Time = Duration.Input | { readonly min: Duration.Input; readonly max: Duration.Input }

export type Count = number | { readonly min: number; readonly max: number }

/** A duration of the range, in whole milliseconds. A fixed one takes no random number. */
export const pickTime = (time: Time): Effect.Effect<Duration.Duration> => {
  if (!isRange(time)) return Effect.succeed(Duration.fromInputUnsafe(time))
  const [min, max] = [time.min, time.max].map((end) => Duration.toMillis(end))
  return Effect.map(Random.nextIntBetween(min!, max!), (millis) => Duration.millis(millis))
}

/** A count of the range, which is at least 1. */
export const pickCount = (count: Count): Effect.Effect<number> => {
  const { max, min } = typeof count === "number" ? { min: count, max: count } : count
  if (!(min >= 1 && max >= min)) {
    const problem = `is ${min} to ${max}, but must be at least 1`
    return Effect.die(new InvalidNet({ subject: "a count of bytes", problem }))
  }
  return min === max ? Effect.succeed(min) : Random.nextIntBetween(min, max)
}

const isRange = <A>(value: A): value is Extract<A, { readonly min: unknown }> =>
  typeof value === "object" && value !== null && "min" in value
