/** Choices by a seed. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

export interface Dice {
  /** A whole number from 0 up to, not including, `limit`. */
  readonly below: (limit: number) => number
  /** True with this probability. */
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(from: readonly [A, ...ReadonlyArray<A>]) => A
}

/** The same seed gives the same choices. */
export const make = (seed: number): Effect.Effect<Dice> =>
  Effect.map(Random.withSeed(Random.Random, seed), (random) => {
    const below = (limit: number) => Math.floor(random.nextDoubleUnsafe() * limit)
    return {
      below,
      chance: (probability) => random.nextDoubleUnsafe() < probability,
      pick: (from) => from[below(from.length)] ?? from[0]
    }
  })

/** A seed in the range that is pleasant to read and to type. */
export const seed: Effect.Effect<number> = Random.nextIntBetween(1, 2 ** 31)
