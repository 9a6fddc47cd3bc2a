/**
 * Where a schedule differs from the plain one, in which nobody is paused and tasks run in the order
 * in which they became ready.
 *
 * A decision is named by who it is about and how far that one got, not by the time: so the others
 * still mean the same when one of them is taken away.
 */
import * as Random from "./random.ts"
import type { Track } from "./tracking.ts"

export type Decision = Pause | Pass

/** A fiber is paused before one of its operations. */
export interface Pause {
  readonly kind: "pause"
  readonly track: Track
  readonly operation: number
}

/** A task that a fiber scheduled runs before others that were ready earlier. */
export interface Pass {
  readonly kind: "pass"
  readonly track: Track
  /** Which of its tasks, counted from 1. */
  readonly task: number
  /** How many others it passes. */
  readonly passes: number
}

export interface Decisions {
  /** Whether the fiber is paused before its next operation. */
  pauses(track: Track): boolean
  /** How many of `ready` tasks a new one passes. A timer is one of those that are due together. */
  passes(track: Track, ready: number, isTimer: boolean): number
  /** What differed from the plain schedule, in order, at most `recordedMax`. */
  readonly recorded: ReadonlyArray<Decision>
}

/** More decisions than this are not kept; the run can then be replayed by its seed, not shrunk. */
export const recordedMax = 100_000

/** What a seed decides. `pause` is the chance of a pause at each operation, `pass` of each task. */
export const seeded = (random: Random.Random, pause: number, pass: number): Decisions => {
  const recorded: Array<Decision> = []
  const record = (decision: Decision) => {
    if (recorded.length < recordedMax) recorded.push(decision)
  }
  // One draw for each pause, not for each operation.
  const nextPause = () =>
    pause >= 1 ? 1 : 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - pause))
  let left = pause > 0 ? nextPause() : Infinity
  return {
    recorded,
    pauses: (track) => {
      if (--left > 0) return false
      left = nextPause()
      if (track.pausedAt === track.operations) return false
      track.pausedAt = track.operations
      record({ kind: "pause", track, operation: track.operations })
      return true
    },
    passes: (track, ready, isTimer) => {
      const task = ++track.scheduled
      if (ready === 0 || pass === 0 || (!isTimer && random() >= pass)) return 0
      const passes = Random.below(random, ready + 1)
      if (passes > 0) record({ kind: "pass", track, task, passes })
      return passes
    }
  }
}
