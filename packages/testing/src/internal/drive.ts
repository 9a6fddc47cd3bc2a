/** Runs an engine up to a goal: time stands still while a task can run, then jumps to the next timer. */
import * as Effect from "effect/Effect"
import type { Engine } from "./engine.ts"

/** Why it stopped: the goal is reached, nothing can run any more, or the steps are used up. */
export type Halt = "reached" | "quiescent" | "exhausted"

export interface Goal {
  readonly isReached: () => boolean
  /** Whether timers do not fire. */
  readonly isTimeFrozen: boolean
  /** The number of steps since the beginning at which to stop. */
  readonly stepsLimit: number
  /** Called when nothing runs, and somebody outside could act, before the goal is reached. */
  readonly onSuspension?: (() => void) | undefined
}

export const drive = Effect.fnUntraced(function* (
  engine: Engine,
  { isReached, isTimeFrozen, onSuspension, stepsLimit }: Goal
): Effect.fn.Return<Halt> {
  const suspended = () => {
    if (!isReached()) onSuspension?.()
  }
  engine.setLimit(stepsLimit)
  suspended()
  for (;;) {
    for (let task = 0; task < tasksPerTurn && !isReached() && engine.runNext(); task++) suspended()
    if (isReached()) return "reached"
    if (engine.steps >= stepsLimit) return "exhausted"
    // A turn of the host: promises that need microtasks only are settled after it.
    const { steps } = engine
    yield* Effect.yieldNow
    if (engine.steps > steps) suspended()
    if (engine.isReady) continue
    if (isTimeFrozen || !engine.fireNext()) return "quiescent"
  }
})

/** A program that never stands still gives the host a turn after so many tasks. */
const tasksPerTurn = 1000
