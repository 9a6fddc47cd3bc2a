/** Permits that a body of code holds, and knows that it holds: the core of Lock and RwLock. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import * as Permits from "./permits.ts"
import * as WaitQueue from "./waitQueue.ts"

/** Where a lock keeps what conditions on it need. */
export const key: unique symbol = Symbol("@fibra/tasks/owned")

export interface Owned {
  readonly permits: Permits.Permits
  /**
   * The request of the body that a fiber runs, while it holds. A fiber that the body forked, such
   * as that of a timeout, runs the body too.
   */
  requestOf(fiber: Fiber.Fiber<unknown, unknown>): WaitQueue.Waiter | undefined
  /** Runs a body while it holds; dies with `reentered` in the fiber that holds already. */
  hold<A, E, R>(
    body: Effect.Effect<A, E, R>,
    options: {
      readonly reentered: (fiber: Fiber.Fiber<unknown, unknown>, holds: WaitQueue.Waiter) => Error
      readonly need?: number | undefined
      readonly otherwise?: Effect.Effect<A> | undefined
      readonly ended?: Effect.Effect<never> | undefined
    }
  ): Effect.Effect<A, E, R>
}

export const make = (kind: string, name: string | undefined, total: number): Owned => {
  const permits = Permits.makeHeld(kind, name, total)
  const tell = Context.Reference<WaitQueue.Waiter | undefined>(
    `@fibra/tasks/owned/${permits.resource.id}`,
    { defaultValue: () => undefined }
  )
  const requestOf: Owned["requestOf"] = (fiber) => {
    const request = fiber.getRef(tell)
    return request?.admitted === true ? request : undefined
  }
  return {
    permits,
    requestOf,
    hold: (body, { ended, need, otherwise, reentered }) =>
      Effect.withFiber((fiber) => {
        const holds = requestOf(fiber)
        // Only in its own fiber: one that the body forked may well wait until the body ends.
        if (holds?.fiber === fiber) return Effect.die(reentered(fiber, holds))
        const request = WaitQueue.waiter(fiber, constVoid, body, need)
        request.proceed = Effect.provideService(body, tell, request)
        return Permits.hold(permits, request, otherwise, ended)
      })
  }
}
