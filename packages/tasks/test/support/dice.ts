/** Random numbers of a simulated run, drawn in plain code: drawing is no operation of a fiber. */
import { Effect, Random } from "effect"

export interface Dice {
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** A random integer from 0 up to, not including, `limit`. */
  readonly below: (limit: number) => number
  readonly pick: <A>(from: ReadonlyArray<A>) => A
}

/** The numbers of the service `Random`: of the seed, where a simulation runs. */
export const dice: Effect.Effect<Dice> = Effect.map(Random.Random, (service) => {
  const random = () => service.nextDoubleUnsafe()
  const below = (limit: number) => Math.floor(random() * limit)
  return { random, below, pick: (from) => from[below(from.length)]! }
})
