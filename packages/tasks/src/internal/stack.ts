/**
 * Bounds how deep tasks nest on the JavaScript stack.
 *
 * A task starts, ends and is interrupted by plain function calls, so each level of a tree of tasks
 * adds frames to the stack; raw Effect overflows (and may take the process with it) at a few
 * thousand levels. Past `levelsMax` the work goes through the dispatcher and begins a fresh stack.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"

const levelsMax = 64
let levels = 0

/** Calls `f` now, or from the dispatcher when the stack is already deep. */
export const call = (dispatcher: Scheduler.SchedulerDispatcher, f: () => void): void => {
  if (levels >= levelsMax) return dispatcher.scheduleTask(f, 0)
  levels++
  f()
  levels--
}

/** Starts `effect` now, or after one turn of the scheduler when the stack is already deep. */
export const start = <A, E, R>(
  fork: Fork<R>,
  effect: Effect.Effect<A, E, R>,
  options: Effect.RunOptions
): Fiber.Fiber<A, E> => {
  if (levels >= levelsMax) return fork(Effect.andThen(Effect.yieldNow, effect), options)
  levels++
  const fiber = fork(effect, options)
  levels--
  return fiber
}

/** What `Effect.runForkWith(context)` returns. */
export type Fork<R> = <A, E>(
  effect: Effect.Effect<A, E, R>,
  options?: Effect.RunOptions
) => Fiber.Fiber<A, E>
