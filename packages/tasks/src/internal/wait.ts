/** Waits for fibers without owning them: the core of `Task.wait`. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Causes from "./causes.ts"
import * as Waiting from "./waiting.ts"
import * as Watch from "./watch.ts"

export type Until = "first" | "firstFailure" | "all"

/** Defect raised when a fiber is to wait for its own end. */
export class WaitsForItself extends Data.TaggedError("WaitsForItself")<{}> {
  override get message(): string {
    return "a fiber cannot wait for itself: give it the other fibers only"
  }
}

export const wait = <F extends Fiber.Fiber<unknown, unknown>>(
  fibers: Iterable<F>,
  until: Until,
  timeout: Duration.Duration | undefined
): Effect.Effect<{ readonly done: ReadonlyArray<F>; readonly pending: ReadonlyArray<F> }> =>
  Effect.withFiber((waiter) => {
    const distinct = [...new Set(fibers)]
    if (distinct.some((fiber) => fiber === waiter)) return Effect.die(new WaitsForItself())
    const isDone = (fiber: F) => fiber.pollUnsafe() !== undefined
    return Effect.map(atMost(awaitEnds(until, distinct), timeout), () => ({
      done: distinct.filter(isDone),
      pending: distinct.filter((fiber) => !isDone(fiber))
    }))
  })

const atMost = (ended: Effect.Effect<void>, timeout: Duration.Duration | undefined) => {
  if (timeout === undefined) return ended
  return Duration.isZero(timeout) ? Effect.yieldNow : Effect.timeoutOption(ended, timeout)
}

/** Suspends until enough of the fibers have ended. */
const awaitEnds = (
  until: Until,
  fibers: ReadonlyArray<Fiber.Fiber<unknown, unknown>>
): Effect.Effect<void> => {
  const isEnough = (exit: Exit.Exit<unknown, unknown>) =>
    until === "first" || (until === "firstFailure" && Causes.errorsOf(exit).length > 0)
  return Waiting.suspend(
    () => ({
      kind: "Task.wait",
      holders: () => fibers.filter((fiber) => fiber.pollUnsafe() === undefined)
    }),
    (resume, waiter) => {
      let left = fibers.length
      let isOver = left === 0
      let isWatching = false
      const watches: Array<() => void> = []
      const unwatch = () => watches.forEach((stop) => stop())
      const end = (exit: Exit.Exit<unknown, unknown>) => {
        left--
        if (isOver || (left > 0 && !isEnough(exit))) return
        isOver = true
        if (!isWatching) return
        unwatch()
        // In its own turn, so that what ends in the same turn counts as done too.
        waiter.currentDispatcher.scheduleTask(() => resume(Effect.void), 0)
      }
      for (const fiber of fibers) watches.push(Watch.watch(fiber, end))
      isWatching = true
      if (isOver) {
        unwatch()
        resume(Effect.void)
      }
      return unwatch
    }
  )
}
