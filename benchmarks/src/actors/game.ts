/** A game that goes on for so many moves. */
import type { Meter } from "../workload.ts"

export interface Game {
  readonly begin: () => void
  /** A move is made. False if it was the last one: then the game is over. */
  readonly goesOn: () => boolean
  /** How many moves were made. */
  readonly over: Promise<number>
}

export const makeGame = (size: number, meter: Meter): Game => {
  let moves = 0
  const { promise, resolve } = Promise.withResolvers<number>()
  return {
    begin: meter.begin,
    goesOn: () => {
      if (++moves < size) return true
      meter.end()
      resolve(moves)
      return false
    },
    over: promise
  }
}
