/** Waits for fibers without owning them: the core of `Task.wait`. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Causes from "./causes.ts"
import * as Watch from "./watch.ts"

export type Until = "first" | "firstFailure" | "all"

/** Suspends until enough of the fibers have ended. */
export const until = (
  until: Until,
  fibers: ReadonlyArray<Fiber.Fiber<unknown, unknown>>
): Effect.Effect<void> =>
  Effect.withFiber((waiter) => {
    const isEnough = (exit: Exit.Exit<unknown, unknown>) =>
      until === "first" || (until === "firstFailure" && Causes.errorsOf(exit).length > 0)
    const exits = fibers.flatMap((fiber) => fiber.pollUnsafe() ?? [])
    let left = fibers.length - exits.length
    if (left === 0 || exits.some(isEnough)) return Effect.void

    return Effect.callback<void>((resume) => {
      const watches = fibers.map((fiber) =>
        fiber.pollUnsafe() !== undefined
          ? () => {}
          : Watch.watch(fiber, (exit) => {
              left--
              if (left > 0 && !isEnough(exit)) return
              unwatch()
              // In its own turn, so that what ends in the same turn counts as done too.
              waiter.currentDispatcher.scheduleTask(() => resume(Effect.void), 0)
            })
      )
      const unwatch = () => watches.forEach((unwatch) => unwatch())
      return Effect.sync(unwatch)
    })
  })
