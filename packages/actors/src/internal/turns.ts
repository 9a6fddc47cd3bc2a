/**
 * Runs the steps of all actors of a system one after the other, many of them in one task.
 *
 * A step that resumed another one inline would nest the stack, and a task of the dispatcher for each
 * step costs a turn of the event loop. So steps stand in one line, and a turn takes from it for at
 * most {@link turnMillis} milliseconds or {@link turnSteps} steps: then timers and others are due.
 */
import type * as Clock from "effect/Clock"
import type * as Scheduler from "effect/Scheduler"

const turnMillis = 1
const turnSteps = 256

export interface Turns {
  /** Runs the step after those that were scheduled before it; never now. */
  readonly schedule: (step: () => void) => void
  /**
   * Runs the step now, on top of the one that calls this, and says so; or does nothing, where the
   * stack is deep or others are due.
   */
  readonly tryNow: (step: () => void) => boolean
}

/** As many steps at the most run on top of each other. */
const nestedMax = 16

export const make = (
  scheduler: Scheduler.Scheduler,
  clock: Clock.Clock,
  isStepwise: boolean
): Turns => {
  const dispatcher = scheduler.makeDispatcher()
  if (isStepwise) return simulated(dispatcher)
  let line: Array<() => void> = []
  let next = 0
  let planned = false
  let nested = 0
  // What is left of the last turn: for steps that run now, until the event loop comes here again.
  let left = 0
  let end = 0

  const turn = () => {
    left = turnSteps
    end = clock.currentTimeMillisUnsafe() + turnMillis
    try {
      for (let isFirst = true; next < line.length && left > 0; isFirst = false) {
        if (!isFirst && clock.currentTimeMillisUnsafe() > end) break
        left--
        const step = line[next]!
        next++
        step()
      }
    } finally {
      planned = false
      if (next < line.length) plan()
      if (next > line.length / 2) {
        line = line.slice(next)
        next = 0
      }
    }
  }
  const plan = () => {
    if (planned) return
    planned = true
    dispatcher.scheduleTask(turn, 0)
  }
  return {
    schedule: (step) => {
      line.push(step)
      plan()
    },
    tryNow: (step) => {
      if (nested === nestedMax || left <= 0 || clock.currentTimeMillisUnsafe() > end) return false
      left--
      nested++
      try {
        step()
      } finally {
        nested--
      }
      return true
    }
  }
}

/**
 * Another scheduler, such as a simulator's, is to choose the order of all steps itself. Every second
 * step that could run now does, so that a simulation sees both.
 */
const simulated = (dispatcher: Scheduler.SchedulerDispatcher): Turns => {
  let tries = 0
  let nested = 0
  return {
    schedule: (step) => dispatcher.scheduleTask(step, 0),
    tryNow: (step) => {
      if (++tries % 2 === 0 || nested === nestedMax) return false
      nested++
      try {
        step()
      } finally {
        nested--
      }
      return true
    }
  }
}
