/**
 * A condition that tasks wait for under a lock, and that other tasks announce under the same lock.
 *
 * A task that was notified goes from the condition's line to the lock's, in one step: it never wakes
 * just to wait again, however many are notified.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Owned from "./internal/owned.ts"
import * as WaitQueue from "./internal/waitQueue.ts"
import { type Lock, LockNotHeld } from "./Lock.ts"
import * as Waits from "./Waits.ts"

/**
 * Defect raised when a number of waiters to notify is not a positive integer.
 *
 * @since 0.1.0
 */
export class NotifyOutOfRange extends Data.TaggedError("NotifyOutOfRange")<{
  readonly requested: number
  readonly limit: number
}> {
  override get message(): string {
    return `notify ${this.requested} waiters: give an integer from 1 to ${this.limit}`
  }
}

/**
 * A condition of one lock. Everything here dies with `LockNotHeld` outside of that lock's `withLock`;
 * a fiber forked inside, such as that of `Effect.timeout`, is inside.
 *
 * @since 0.1.0
 */
export interface Condition {
  /**
   * Releases the lock, waits to be notified, and takes the lock again before it returns.
   *
   * Waiting is interruptible; taking the lock again is not, so the body holds its lock also when the
   * wait was interrupted or timed out. A notification that came with the interrupt goes to the next
   * waiter. Who returns checks again what it waited for: others held the lock in between.
   */
  readonly await: Effect.Effect<void>
  /** Waits, as `await` does, until the predicate holds; not at all if it does already. */
  awaitUntil(predicate: () => boolean): Effect.Effect<void>
  /**
   * Lets the `count` (default 1) longest waiting go on, or all if there are fewer, each once it gets
   * the lock. Dies with `NotifyOutOfRange` unless `count` is a positive integer.
   */
  notify(count?: number): Effect.Effect<void>
  /** Lets all who wait now go on, each once it gets the lock. */
  readonly notifyAll: Effect.Effect<void>
}

/**
 * Creates a condition of a lock. The name is for reports.
 *
 * ```ts
 * const lock = yield* Lock.make()
 * const filled = yield* Condition.make(lock, { name: "filled" })
 * const items: Array<string> = []
 * const consumer = yield* filled
 *   .awaitUntil(() => items.length > 0)
 *   .pipe(
 *     Effect.andThen(Effect.sync(() => items.pop())),
 *     lock.withLock,
 *     Effect.forkChild({ startImmediately: true })
 *   )
 * yield* Effect.sync(() => items.push("bread")).pipe(
 *   Effect.andThen(filled.notify()),
 *   lock.withLock
 * )
 * yield* Fiber.join(consumer) // => "bread"
 * ```
 *
 * @since 0.1.0
 */
export const make = (
  lock: Lock,
  options?: { readonly name?: string | undefined }
): Effect.Effect<Condition> =>
  Effect.sync(() => {
    // Invariants, whenever no function below is on the stack:
    //   1. A request in `line` was released by its body, which waits for it here.
    //   2. One that was notified is in the line of the lock, or has the lock.
    const { permits, requestOf } = lock[Owned.key]
    const line = WaitQueue.make(Waits.resource({ kind: "Condition", name: options?.name }))

    const notHeld = (fiber: Fiber.Fiber<unknown, unknown>, operation: string) => {
      const [lock, task] = [permits.resource.name, Waits.taskName(fiber)]
      return Effect.die(new LockNotHeld({ lock, operation, task }))
    }

    const notifyNext = (count: number) => {
      for (let left = Math.min(count, line.size); left > 0; left--) {
        const next = line.first!
        line.remove(next)
        permits.join(next)
      }
    }

    const notify = (count: () => number) =>
      Effect.withFiber((fiber) => {
        if (requestOf(fiber) === undefined) return notHeld(fiber, "notify")
        notifyNext(count())
        return Effect.void
      })

    const wait = Effect.withFiber((fiber) =>
      Effect.callback<void>((resume) => {
        const request = requestOf(fiber)
        if (request === undefined) return resume(notHeld(fiber, "await"))
        permits.leave(request)
        request.proceed = Effect.void
        request.resume = resume
        line.push(request)
        return relock(request)
      })
    )

    const relock = (request: WaitQueue.Waiter) =>
      Effect.callback<void>((resume) => {
        request.resume = resume
        if (request.line === line) {
          line.remove(request)
          permits.enter(request)
        } else {
          // The notification would be lost with this waiter, and with it a wake-up.
          notifyNext(1)
          if (request.admitted) resume(Effect.void)
        }
      })

    return {
      await: wait,
      awaitUntil: (predicate) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.withFiber((fiber) => {
            if (requestOf(fiber) === undefined) return notHeld(fiber, "await")
            let wasNotified = false
            const waits = Effect.whileLoop({
              while: () => !predicate(),
              body: () => {
                wasNotified = false
                return wait
              },
              step: () => {
                wasNotified = true
              }
            })
            // Hazard: an interrupt can land after the last wait, and nobody uses its notification then.
            // This handler is in force up to the step that passes the success on.
            return Effect.catchCause(restore(waits), (cause) => {
              if (wasNotified) notifyNext(1)
              return Effect.failCause(cause)
            })
          })
        ),
      notify: (count = 1) =>
        Number.isInteger(count) && count >= 1
          ? notify(() => count)
          : Effect.die(new NotifyOutOfRange({ requested: count, limit: Number.MAX_SAFE_INTEGER })),
      notifyAll: notify(() => line.size)
    }
  })
