/**
 * A counting semaphore that serves its waiters strictly in order.
 *
 * Effect's `Semaphore` lets a small late request overtake a large early one, and its cost grows with
 * its waiters. Here a large request cannot starve: it holds back the ones behind it. Taking,
 * releasing, and interrupting a waiter cost the same with 10 waiters and with 100,000.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import type * as Option from "effect/Option"
import * as LinkedList from "./internal/linkedList.ts"
import * as Permits from "./internal/permits.ts"
import { PriorityNotANumber } from "./internal/priority.ts"
import * as WaitQueue from "./internal/waitQueue.ts"
import * as Waits from "./Waits.ts"

/**
 * Defect raised when a number of permits is not an integer in `1..limit`.
 *
 * @since 0.1.0
 */
export class PermitsOutOfRange extends Data.TaggedError("PermitsOutOfRange")<{
  readonly requested: number
  readonly limit: number
}> {
  override get message(): string {
    return `${this.requested} permits: give an integer from 1 to ${this.limit}`
  }
}

/**
 * Defect raised when a priority is `NaN`, which has no place in an order.
 *
 * @since 0.1.0
 */
export { PriorityNotANumber } from "./internal/priority.ts"

/**
 * A number of permits shared by any number of fibers. There is no operation that gives a permit
 * back, so none can be given back twice: permits are held for the time that an effect runs.
 *
 * @since 0.1.0
 */
export interface Semaphore {
  /**
   * Runs an effect while it holds `need` permits, which are free again on any exit.
   *
   * Waits behind everyone of the same or a higher priority (default 0) who waits already, and is
   * not overtaken by those who come later. Waiting is interruptible. Dies with `PermitsOutOfRange`
   * when `need` is not an integer from 1 to the number of permits.
   */
  withPermits(
    need: number,
    options?: { readonly priority?: number | undefined }
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Runs an effect while it holds one permit, as `withPermits(1)`. */
  withPermit<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /**
   * Runs an effect as `withPermits` does if it need not wait, else gives `None` at once: also when
   * permits are free, but others wait for them.
   */
  tryWithPermits(
    need: number
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  /**
   * Changes the number of permits. Nothing that is held is taken away: below that, new requests
   * wait until enough came back. Those who wait for more than the new number can never be served:
   * they die with `PermitsOutOfRange`.
   */
  resize(permits: number): Effect.Effect<void>
  /** What is the case now. */
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * The state of a semaphore at one moment.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  readonly permits: number
  /** Free permits; 0 while a resize has left more held than there are. */
  readonly free: number
  /** How many requests wait. */
  readonly waiting: number
  /** Who holds how much, by the name of its task, in order of admission. */
  readonly holders: ReadonlyArray<{ readonly task: string; readonly permits: number }>
}

/**
 * Creates a semaphore with all of its permits free. The name is for reports.
 *
 * ```ts
 * const semaphore = yield* Semaphore.make(2)
 * yield* Effect.succeed("ok").pipe(semaphore.withPermits(2)) // => "ok"
 * const { free, waiting } = yield* semaphore.withPermit(semaphore.snapshot)
 * const seen = [free, waiting]
 * seen // => [1, 0]
 * ```
 *
 * @since 0.1.0
 */
export const make = (
  permits: number,
  options?: { readonly name?: string | undefined }
): Effect.Effect<Semaphore> =>
  Effect.suspend(() =>
    isCount(permits, Number.MAX_SAFE_INTEGER)
      ? Effect.succeed(semaphore(permits, options?.name))
      : dieOutOfRange(permits, Number.MAX_SAFE_INTEGER)
  )

const semaphore = (initial: number, name: string | undefined): Semaphore => {
  const permits = Permits.makeHeld("Semaphore", name, initial)

  const withPermits: Semaphore["withPermits"] = (need, options) => (self) =>
    Effect.withFiber((fiber) => {
      const priority = options?.priority ?? 0
      if (!isCount(need, permits.total)) return dieOutOfRange(need, permits.total)
      if (Number.isNaN(priority)) return Effect.die(new PriorityNotANumber())
      const request = WaitQueue.waiter(fiber, constVoid, self, need, priority)
      return Permits.hold(permits, request, undefined, undefined, dieOutOfRange)
    })

  return {
    withPermits,
    withPermit: withPermits(1),
    tryWithPermits: (need) => (self) =>
      Effect.withFiber((fiber) => {
        if (!isCount(need, permits.total)) return dieOutOfRange(need, permits.total)
        const request = WaitQueue.waiter(fiber, constVoid, Effect.asSome(self), need)
        return Permits.hold(permits, request, Effect.succeedNone, undefined, dieOutOfRange)
      }),
    resize: (to) =>
      Effect.suspend(() => {
        if (!isCount(to, Number.MAX_SAFE_INTEGER)) return dieOutOfRange(to, Number.MAX_SAFE_INTEGER)
        for (const request of permits.resize(to)) {
          WaitQueue.wake(request, dieOutOfRange(request.need, to))
        }
        return Effect.void
      }),
    snapshot: Effect.sync(() => ({
      permits: permits.total,
      free: Math.max(0, permits.total - permits.taken),
      waiting: permits.waiting,
      holders: LinkedList.toArray(permits.holders).map(({ fiber, need }) => ({
        task: Waits.taskName(fiber),
        permits: need
      }))
    }))
  }
}

const isCount = (value: number, limit: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= limit

const dieOutOfRange = (requested: number, limit: number): Effect.Effect<never> =>
  Effect.die(new PermitsOutOfRange({ requested, limit }))
