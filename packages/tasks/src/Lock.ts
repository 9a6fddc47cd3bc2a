/**
 * A lock that one body of code holds at a time, handed over strictly in order of arrival.
 *
 * It has an owner: only {@link Lock.withLock} takes and releases it, so nobody else can release it,
 * and an owner that asks for its own lock is told so where it would wait for itself for ever.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Option from "effect/Option"
import * as Owned from "./internal/owned.ts"
import * as Waits from "./Waits.ts"

/**
 * Defect raised when a fiber asks for a lock that it holds: it would wait for itself.
 *
 * @since 0.1.0
 */
export class LockReentered extends Data.TaggedError("LockReentered")<{
  /** The name of the lock. */
  readonly lock: string | undefined
  /** The name of the task that holds it and asks for it. */
  readonly owner: string
}> {
  override get message(): string {
    return `${this.owner} holds ${describe(this.lock)} and asks for it again: call what it needs without withLock`
  }
}

/**
 * Defect raised when a condition is used where its lock is not held.
 *
 * @since 0.1.0
 */
export class LockNotHeld extends Data.TaggedError("LockNotHeld")<{
  /** The name of the lock. */
  readonly lock: string | undefined
  /** What was called: `"await"` or `"notify"`. */
  readonly operation: string
  /** The name of the task that called it. */
  readonly task: string
}> {
  override get message(): string {
    return `${this.task} called ${this.operation} without ${describe(this.lock)}: call it inside withLock`
  }
}

const describe = (name: string | undefined): string =>
  name === undefined ? "the lock" : `the lock "${name}"`

/**
 * A lock, for one body of code at a time.
 *
 * @since 0.1.0
 */
export interface Lock {
  /**
   * Runs an effect while it holds the lock, which is free again on any exit.
   *
   * Waits behind everyone who waits already; waiting is interruptible. Dies with `LockReentered` in
   * the fiber that holds the lock already.
   */
  withLock<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /** Runs an effect as `withLock` does if it need not wait, else gives `None` at once. */
  tryWithLock<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R>
  /** What is the case now. */
  readonly snapshot: Effect.Effect<Snapshot>
  /** What conditions on this lock need. */
  readonly [Owned.key]: Owned.Owned
}

/**
 * The state of a lock at one moment.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  /** The name of the task that holds the lock. */
  readonly owner: string | undefined
  /** How many requests wait. */
  readonly waiting: number
}

/**
 * Creates a free lock. The name is for reports.
 *
 * ```ts
 * const lock = yield* Lock.make({ name: "ledger" })
 * const balance = yield* Ref.make(100)
 * const withdraw = Effect.gen(function* () {
 *   const before = yield* Ref.get(balance)
 *   yield* Effect.yieldNow
 *   yield* Ref.set(balance, before - 10)
 * }).pipe(lock.withLock)
 * yield* Effect.all([withdraw, withdraw, withdraw], { concurrency: "unbounded" })
 * yield* Ref.get(balance) // => 70
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: { readonly name?: string | undefined }): Effect.Effect<Lock> =>
  Effect.sync(() => {
    const name = options?.name
    const owned = Owned.make("Lock", name, 1)
    const reentered = (fiber: Fiber.Fiber<unknown, unknown>) =>
      new LockReentered({ lock: name, owner: Waits.taskName(fiber) })
    // For a fiber that still waits for a condition in the name of a body that has ended.
    const ended = Effect.withFiber<never>((fiber) =>
      Effect.die(new LockNotHeld({ lock: name, operation: "await", task: Waits.taskName(fiber) }))
    )
    return {
      withLock: (self) => owned.hold(self, { reentered, ended }),
      tryWithLock: (self) =>
        owned.hold(Effect.asSome(self), { reentered, ended, otherwise: Effect.succeedNone }),
      snapshot: Effect.sync(() => {
        const holder = owned.permits.holders.first
        return {
          owner: holder === undefined ? undefined : Waits.taskName(holder.fiber),
          waiting: owned.permits.waiting
        }
      }),
      [Owned.key]: owned
    }
  })
