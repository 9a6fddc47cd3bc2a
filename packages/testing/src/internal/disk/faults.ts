/** What goes wrong, and when. */
import * as Duration from "effect/Duration"
import type { Dice } from "./dice.ts"
import type { ErrorCode } from "./errno.ts"
import type { Operation } from "./operation.ts"

/** Something that goes wrong with some of the operations. @since 0.1.0 */
export interface Fault {
  /** Which operations are meant. Default: all. */
  readonly on?: ((operation: Operation) => boolean) | undefined
  /** The first of those that is hit, in the order in which the program asks; from 1. Default 1. */
  readonly nth?: number | undefined
  /** How many of them are hit, from there on. Default 1; `Infinity` for all that follow. */
  readonly count?: number | undefined
  /** The chance of each of them to be hit after all, by the seed of the disk. Default 1. */
  readonly probability?: number | undefined
  /**
   * Refuses the operation: it does nothing, with two exceptions. A `sync` of a file that fails loses
   * what it should have written: the data stays visible, and no later sync makes it durable, as Linux
   * does it. A `close` that fails closes the file, and is a defect, as with `NodeFileSystem`.
   */
  readonly error?: ErrorCode | undefined
  /** A read or a write moves at most so many bytes. */
  readonly bytesMax?: number | undefined
  /** The operation takes so much longer. */
  readonly delay?: Duration.Input | undefined
}

/** What the faults do to one operation, taken together. */
export interface Hit {
  readonly error: ErrorCode | undefined
  readonly bytesMax: number
  readonly delay: Duration.Duration
}

/** Counts the operations that each fault is about, and says what happens to them. */
export const make = (faults: ReadonlyArray<Fault>, dice: Dice): ((operation: Operation) => Hit) => {
  const seen = faults.map(() => 0)
  const isHit = (
    { count = 1, nth = 1, on, probability = 1 }: Fault,
    index: number,
    of: Operation
  ) => {
    if (on !== undefined && !on(of)) return false
    const match = (seen[index] = (seen[index] ?? 0) + 1)
    return match >= nth && match < nth + count && (probability >= 1 || dice.chance(probability))
  }
  return (operation) => {
    const hits = faults.filter((fault, index) => isHit(fault, index, operation))
    return {
      error: hits.find(({ error }) => error !== undefined)?.error,
      bytesMax: Math.min(...hits.map(({ bytesMax = Infinity }) => bytesMax)),
      delay: hits.reduce(
        (sum, { delay = 0 }) => Duration.sum(sum, Duration.fromInputUnsafe(delay)),
        Duration.zero
      )
    }
  }
}
