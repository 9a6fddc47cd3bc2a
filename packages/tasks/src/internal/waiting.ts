/** Suspends a fiber on something that is not a line of waiters, and tells the observer of waits. */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Waits from "../Waits.ts"

/** What a fiber waits for. */
export type Resource = Parameters<typeof Waits.resource>[0]

/**
 * Suspends until `register` has called its argument. What `register` returns is called when the wait
 * is interrupted. The resource is described only when somebody observes.
 */
export const suspend = <A, E = never>(
  resource: () => Resource,
  register: (
    resume: (effect: Effect.Effect<A, E>) => void,
    waiter: Fiber.Fiber<unknown, unknown>
  ) => (() => void) | undefined
): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) => {
    const listener = fiber.getRef(Waits.Observer)
    if (listener === undefined) {
      return Effect.callback<A, E>((resume) => {
        const cancel = register(resume, fiber)
        return cancel === undefined ? undefined : Effect.sync(cancel)
      })
    }
    const observed = Waits.resource(resource())
    return Effect.callback<A, E>((resume) => {
      let isOver = false
      const end = () => {
        if (!isOver) listener.waited(fiber, observed)
        isOver = true
      }
      listener.waiting(fiber, observed)
      const cancel = register((effect) => {
        end()
        resume(effect)
      }, fiber)
      return Effect.sync(() => {
        end()
        cancel?.()
      })
    })
  })
