/**
 * A small seeded generator, so that a page depends on its seed and its path alone and not on the
 * order in which pages are asked for.
 */
export interface Prng {
  /** An integer in `0 .. bound - 1`. */
  readonly int: (bound: number) => number
  /** One element of a list that is not empty. */
  readonly pick: <A>(list: ReadonlyArray<A>) => A
  /** True about once in `times`. */
  readonly onceIn: (times: number) => boolean
}

/** Creates the generator of a seed; equal parts give equal numbers on every machine. */
export const make = (...seed: ReadonlyArray<string | number>): Prng => {
  let state = hash(seed.join("\n"))
  // Mulberry32: 32 bits of state, one multiplication chain, good enough for prose and prices.
  const int = (bound: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) % bound) | 0
  }
  return {
    int,
    pick: (list) => list[int(list.length)]!,
    onceIn: (times) => int(times) === 0
  }
}

/** FNV-1a over UTF-16 code units. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value | 0
}
