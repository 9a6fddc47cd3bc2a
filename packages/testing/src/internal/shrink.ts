/** Takes away choices of a failing schedule for as long as it still fails. */
import * as Effect from "effect/Effect"
import type { Choice } from "./decisions.ts"

/** A run, by what shrinking needs to know of it. */
export interface Replayed {
  /** The choices that it met. */
  readonly schedule: ReadonlyArray<Choice>
  readonly steps: number
}

/** Replays after which it stops. */
const runsMax = 300

/** Steps of all replays after which it stops. */
const stepsMax = 5_000_000

/**
 * Gives a failing run with fewer choices, or `first` itself.
 *
 * Removes halves, quarters and so on, last ones first, as in delta debugging, then tries whether one
 * more can go when another one moves. What a replay no longer met is gone for good.
 */
export const shrink = Effect.fnUntraced(function* <Run extends Replayed, R>(
  first: Run,
  replay: (choices: ReadonlyArray<Choice>) => Effect.Effect<Run, never, R>,
  fails: (run: Run) => boolean
): Effect.fn.Return<Run, never, R> {
  let best = first
  let runs = 0
  let steps = 0
  const mayGoOn = () => runs < runsMax && steps < stepsMax
  /** Whether these choices, which are fewer, fail too. */
  const isBetter = function* (choices: ReadonlyArray<Choice>) {
    const run = yield* replay(choices)
    runs++
    steps += run.steps
    if (!fails(run)) return false
    best = run
    return true
  }
  const removeRuns = function* (size: number) {
    let to = best.schedule.length
    while (to > 0 && mayGoOn()) {
      const from = Math.max(0, to - size)
      yield* isBetter(best.schedule.toSpliced(from, to - from))
      to = Math.min(from, best.schedule.length)
    }
  }
  const removeOne = function* () {
    for (const choices of fewer(best.schedule)) {
      if (!mayGoOn()) return false
      if (yield* isBetter(choices)) return true
    }
    return false
  }

  for (let size = best.schedule.length; size > 1; size = Math.ceil(size / 2)) {
    yield* removeRuns(size)
  }
  yield* removeRuns(1)
  while (yield* removeOne()) {}
  return best
})

/**
 * All ways to leave out one of the choices, then all of these in which another one comes somewhat later
 * or earlier: a pause in the right place may do the work of two.
 */
function* fewer(choices: ReadonlyArray<Choice>): Generator<ReadonlyArray<Choice>> {
  const without = (dropped: number) => choices.toSpliced(dropped, 1)
  for (let dropped = 0; dropped < choices.length; dropped++) yield without(dropped)
  for (let dropped = 0; dropped < choices.length; dropped++) {
    const others = without(dropped)
    for (const [index, choice] of others.entries()) {
      for (const by of distances) {
        if (choice.at + by >= 1) yield others.with(index, { ...choice, at: choice.at + by })
      }
    }
  }
}

const distances = [1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4]
