/** Random numbers that are the same for the same seed, on every machine. */
import type * as EffectRandom from "effect/Random"

/** Numbers from 0 up to, not including, 1 (mulberry32). */
export type Random = () => number

/** Creates the numbers of a seed; each `stream` of one seed is a sequence of its own. */
export const make = (seed: number, stream = 0): Random => {
  let state = (seed ^ Math.imul(stream, 0x9e3779b9)) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** An integer from 0 up to, not including, `limit`. */
export const below = (random: Random, limit: number): number => Math.floor(random() * limit)

/** The numbers as Effect's service. */
export const service = (random: Random): EffectRandom.Random => ({
  nextDoubleUnsafe: random,
  nextIntUnsafe: () => {
    const magnitude = below(random, 2 ** 21) * 2 ** 32 + below(random, 2 ** 32)
    return random() < 0.5 ? magnitude : -magnitude
  }
})
