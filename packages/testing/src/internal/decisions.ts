/**
 * Where a schedule differs from the plain one, in which nobody is paused and tasks run in the order
 * in which they became ready.
 *
 * A choice is named by whom it is about and how far that one got, not by the time: so the others still
 * mean the same when one of them is taken away.
 */
import * as Random from "./random.ts"
import type { Names } from "./names.ts"
import type { Track } from "./tracking.ts"

/** A fiber is paused before an operation, or a task that it scheduled runs before earlier ones. */
export interface Choice {
  readonly kind: "pause" | "pass"
  /** The id of the fiber. */
  readonly fiber: string
  /** Which of its operations, or of the tasks that it scheduled. */
  readonly at: number
  /** How many others the task passes; 0 for a pause. */
  readonly passes: number
}

/** A choice that was made. */
export interface Decision extends Choice {
  /** The name of the fiber then. */
  readonly task: string
}

export interface Decisions {
  /** Whether the fiber is paused before its next operation. */
  pauses(track: Track): boolean
  /** How many of `ready` tasks a new one passes. A timer is one of those that are due together. */
  passes(author: Track, ready: number, isTimer: boolean): number
  /** What differed from the plain schedule, in order, at most `recordedMax`. */
  readonly recorded: ReadonlyArray<Decision>
}

/** More decisions are not kept: such a run can be replayed by its seed, and is not shrunk. */
export const recordedMax = 20_000

/** What a seed decides. `pause` is the chance of a pause at each operation, `pass` at each task. */
export const seeded = (
  random: Random.Random,
  pause: number,
  pass: number,
  names: Names
): Decisions => {
  const { pauseAt, passAt, recorded } = recorder(names)
  // One draw for each pause, not for each operation.
  const untilPause = () => {
    if (pause >= 1) return 1
    return pause > 0 ? 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - pause)) : Infinity
  }
  let left = untilPause()
  return {
    recorded,
    pauses: (track) => {
      if (--left > 0) return false
      left = untilPause()
      return pauseAt(track)
    },
    passes: (author, ready, isTimer) => {
      author.scheduled++
      if (ready === 0 || pass === 0 || (!isTimer && random() >= pass)) return 0
      return passAt(author, Random.below(random, ready + 1))
    }
  }
}

/** The plain schedule, except for these choices. */
export const scripted = (choices: ReadonlyArray<Choice>, names: Names): Decisions => {
  const { pauseAt, passAt, recorded } = recorder(names)
  const pauses = byFiber(choices.filter(({ kind }) => kind === "pause"))
  const passes = byFiber(choices.filter(({ kind }) => kind === "pass"))
  return {
    recorded,
    pauses: (track) => pauses.get(track.id)?.has(track.operations + 1) === true && pauseAt(track),
    passes: (author, ready) => {
      const at = ++author.scheduled
      const wanted = passes.get(author.id)?.get(at)?.passes ?? 0
      return wanted === 0 ? 0 : passAt(author, Math.min(wanted, ready))
    }
  }
}

const recorder = (names: Names) => {
  const recorded: Array<Decision> = []
  const record = (kind: Choice["kind"], track: Track, at: number, passes: number) => {
    if (recorded.length >= recordedMax) return
    recorded.push({ kind, fiber: track.id, task: names.nameOf(track), at, passes })
  }
  return {
    recorded,
    /** Pauses a fiber, unless it was paused before this operation already: it must get on. */
    pauseAt: (track: Track): boolean => {
      if (track.pausedAt === track.operations) return false
      track.pausedAt = track.operations
      record("pause", track, track.operations + 1, 0)
      return true
    },
    passAt: (author: Track, passes: number): number => {
      if (passes > 0) record("pass", author, author.scheduled, passes)
      return passes
    }
  }
}

const byFiber = (choices: ReadonlyArray<Choice>): Map<string, Map<number, Choice>> => {
  const fibers = new Map<string, Map<number, Choice>>()
  for (const choice of choices) {
    const known = fibers.get(choice.fiber)
    if (known === undefined) fibers.set(choice.fiber, new Map([[choice.at, choice]]))
    else known.set(choice.at, choice)
  }
  return fibers
}
