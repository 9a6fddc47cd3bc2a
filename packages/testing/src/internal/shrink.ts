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
export const runsMax = 300

/** Steps of all replays after which it stops. */
export const stepsMax = 5_000_000

/**
 * Gives a failing run with fewer choices, or `first` itself.
 *
 * Removes halves, quarters and so on, last ones first, as in delta debugging, then looks for one or two
 * of the choices left, or one near them, that fail alone. What a replay no longer met is gone for good.
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
  /** Whether these choices fail and are fewer. */
  const isBetter = function* (choices: ReadonlyArray<Choice>) {
    const run = yield* replay(choices)
    runs++
    steps += run.steps
    if (run.schedule.length >= best.schedule.length || !fails(run)) return false
    best = run
    return true
  }
  /** Removes runs of `size` choices, and says whether any could go. */
  const removeRuns = function* (size: number) {
    let isSmaller = false
    let to = best.schedule.length
    while (to > 0 && mayGoOn()) {
      const from = Math.max(0, to - size)
      if (yield* isBetter(best.schedule.toSpliced(from, to - from))) isSmaller = true
      to = Math.min(from, best.schedule.length)
    }
    return isSmaller
  }

  for (let size = best.schedule.length; size > 1; size = Math.ceil(size / 2)) {
    yield* removeRuns(size)
  }
  while ((yield* removeRuns(1)) && mayGoOn()) {}
  const left = best.schedule
  for (const few of [...left.flatMap(moved), ...pairsOf(left)]) {
    if (few.length < best.schedule.length && mayGoOn()) yield* isBetter(few)
  }
  return best
})

/** One choice, made somewhat later or earlier: a pause in the right place may do the work of two. */
const moved = (choice: Choice): ReadonlyArray<ReadonlyArray<Choice>> =>
  [0, 1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4]
    .map((by) => choice.at + by)
    .filter((at) => at >= 1)
    .map((at) => [{ ...choice, at }])

const pairsOf = (choices: ReadonlyArray<Choice>): ReadonlyArray<ReadonlyArray<Choice>> =>
  choices.flatMap((one, index) => choices.slice(index + 1).map((other) => [one, other]))
