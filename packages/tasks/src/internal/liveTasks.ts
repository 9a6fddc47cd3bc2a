/** Knows every fiber of one program that has started and not ended, also detached ones. */
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"

export interface LiveTasks {
  /** What the program is to run with. */
  readonly scheduler: Scheduler.Scheduler
  /** In the order in which they started. */
  readonly fibers: ReadonlySet<Fiber.Fiber<unknown, unknown>>
}

/** Creates the scheduler that sees the fibers. It schedules as Effect's own does. */
export const make = (): LiveTasks => {
  const base = new Scheduler.MixedScheduler()
  const fibers = new Set<Fiber.Fiber<unknown, unknown>>()
  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    makeDispatcher: () => base.makeDispatcher(),
    // Asked before each step of each fiber; a fiber that starts or resumes is at its first step.
    shouldYield: (fiber) => {
      if (fiber.currentOpCount === 1 && !fibers.has(fiber)) {
        fibers.add(fiber)
        fiber.addObserver(() => fibers.delete(fiber))
      }
      return base.shouldYield(fiber)
    }
  }
  return { scheduler, fibers }
}
