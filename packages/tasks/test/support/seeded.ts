/**
 * Runs an effect on one dispatcher, with preemption and order decided by a seed.
 *
 * Nothing in the effect may need real time: when no task is left to run and the effect has not
 * ended, somebody waits for a wake-up that will never come, and that is an error.
 */
import { Effect, Exit, type Fiber, type Scheduler } from "effect"

/** Random numbers from 0 up to, not including, 1: the same for the same seed. */
export const random = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

export interface Seeded {
  readonly random: () => number
  /** A random integer from 0 up to, not including, `limit`. */
  readonly below: (limit: number) => number
}

/**
 * Runs the program once for each seed from 1. `order` is the order of runnable tasks: as scheduled,
 * where a test is about order, or `"any"`. An error names its seed.
 */
export const explore = <A, E>(
  options: { readonly seeds: number; readonly order: "scheduled" | "any" },
  program: (seeded: Seeded) => Effect.Effect<A, E>
): void => {
  for (let seed = 1; seed <= options.seeds; seed++) {
    const next = random(seed)
    const below = (limit: number) => Math.floor(next() * limit)
    const tasks: Array<() => void> = []
    const dispatcher: Scheduler.SchedulerDispatcher = {
      scheduleTask: (task) => void tasks.push(task),
      flush: () => {
        while (tasks.length > 0) {
          tasks.splice(options.order === "any" ? below(tasks.length) : 0, 1)[0]!()
        }
      }
    }
    const scheduler: Scheduler.Scheduler = {
      executionMode: "async",
      makeDispatcher: () => dispatcher,
      // Never before the first step: Effect would start a fiber that was interrupted before.
      shouldYield: (fiber: Fiber.Fiber<unknown, unknown>) =>
        fiber.currentOpCount > 1 && next() < 0.2
    }
    const fiber = Effect.runFork(program({ random: next, below }), { scheduler })
    dispatcher.flush()
    const exit = fiber.pollUnsafe() ?? Exit.die("a fiber waits for a wake-up that never comes")
    if (Exit.isFailure(exit)) throw new Error(`seed ${seed}`, { cause: exit.cause })
  }
}
