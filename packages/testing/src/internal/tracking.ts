/** The fibers of one run, numbered by first appearance: the ids of Effect count those of the process. */
import type * as Fiber from "effect/Fiber"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** What is known of one fiber. */
export interface Track {
  /** 1 is the program; 0 stands for all that is not a fiber of the run. */
  readonly number: number
  readonly fiber: AnyFiber | undefined
  readonly parent: Track | undefined
  /** Operations done, without the first one after each wake-up. */
  operations: number
  /** The operation before which it was paused last. */
  pausedAt: number
  /** Tasks that it gave to the dispatcher. */
  scheduled: number
  /** The step at which it woke last. */
  wokeAt: number
}

export const makeTrack = (number: number, fiber?: AnyFiber, parent?: Track): Track => ({
  number,
  fiber,
  parent,
  operations: 0,
  pausedAt: -1,
  scheduled: 0,
  wokeAt: 0
})
