/** The fibers of one run, and names for them that are the same in each run, as Effect's ids are not. */
import type * as Fiber from "effect/Fiber"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** What is known of one fiber. */
export interface Track {
  readonly fiber: AnyFiber | undefined
  /** The first is the program; 0 stands for all that is not a fiber of the run. */
  readonly appeared: number
  /**
   * `1` for the program, `1.2` for the second fiber that it forked, and so on: the same whatever the
   * schedule of the others is.
   */
  readonly id: string
  readonly parent: Track | undefined
  /** Fibers that it forked. */
  forked: number
  /** Tasks that it gave to the dispatcher. */
  scheduled: number
  /** Operations done, without the first one after each wake-up. */
  operations: number
  /** The operation before which it was paused last. */
  pausedAt: number
  /** The step at which it woke last, or used up its time. */
  ranAt: number
}

/** A fork, before it is known which fiber it made. */
export interface Birth {
  readonly parent: Track
  /** Which of its parent's forks it is. */
  readonly index: number
}

export const makeTrack = (appeared: number, fiber?: AnyFiber, birth?: Birth): Track => ({
  fiber,
  appeared,
  id: idOf(appeared, birth),
  parent: birth?.parent,
  forked: 0,
  scheduled: 0,
  operations: 0,
  pausedAt: -1,
  ranAt: 0
})

const idOf = (appeared: number, birth: Birth | undefined): string => {
  if (appeared <= 1) return String(appeared)
  // An id of every ancestor would take memory quadratic in the depth of forks.
  return birth === undefined || birth.parent.id.length > idLengthMax
    ? `f${appeared}`
    : `${birth.parent.id}.${birth.index}`
}

const idLengthMax = 100
