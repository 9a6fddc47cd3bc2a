/**
 * A flag that tasks wait for. Unlike Effect's `Latch`, an interrupted waiter leaves in O(1).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as WaitQueue from "./internal/waitQueue.ts"
import * as Waits from "./Waits.ts"

/**
 * A flag that is set or not.
 *
 * @since 0.1.0
 */
export interface Event {
  /** Whether the flag is set. */
  readonly isSet: Effect.Effect<boolean>
  /** Sets the flag and lets all who wait go on, also if it is cleared before they run. */
  readonly set: Effect.Effect<void>
  /** Clears the flag: from now on `await` waits. */
  readonly clear: Effect.Effect<void>
  /** Returns at once if the flag is set, else waits until it is. Waiting is interruptible. */
  readonly await: Effect.Effect<void>
}

/**
 * Creates a cleared flag. The name is for reports.
 *
 * ```ts
 * const started = yield* Event.make({ name: "started" })
 * const waiter = yield* Effect.forkChild(Effect.as(started.await, "go"))
 * yield* started.set
 * yield* Fiber.join(waiter) // => "go"
 * yield* started.isSet // => true
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: { readonly name?: string | undefined }): Effect.Effect<Event> =>
  Effect.sync(() => {
    const line = WaitQueue.make(Waits.resource({ kind: "Event", name: options?.name }))
    let isSet = false
    return {
      isSet: Effect.sync(() => isSet),
      set: Effect.sync(() => {
        isSet = true
        WaitQueue.wakeAll(line)
      }),
      clear: Effect.sync(() => {
        isSet = false
      }),
      await: WaitQueue.wait((waiter) => (isSet ? waiter.resume(waiter.proceed) : line.push(waiter)))
    }
  })
