/** Choices by a seed: the same seed gives the same choices. */
import * as Random from "../random.ts"

export interface Dice {
  /** A whole number from 0 up to, not including, `limit`. */
  readonly below: (limit: number) => number
  /** True with this probability. */
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(from: readonly [A, ...ReadonlyArray<A>]) => A
}

export const make = (seed: number): Dice => {
  const random = Random.make(seed)
  const below = (limit: number) => Random.below(random, limit)
  return {
    below,
    chance: (probability) => random() < probability,
    pick: (from) => from[below(from.length)] ?? from[0]
  }
}
