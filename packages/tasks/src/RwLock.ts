/**
 * A lock for many readers or one writer, served in order of arrival.
 *
 * Readers that arrive one after the other share it. A reader that arrives after a waiting writer waits
 * behind it, so neither readers nor writers can starve.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as LinkedList from "./internal/linkedList.ts"
import * as Owned from "./internal/owned.ts"
import type * as WaitQueue from "./internal/waitQueue.ts"
import * as Waits from "./Waits.ts"

/**
 * Defect raised when a fiber asks for a lock that it holds. A writer would wait for itself, and so
 * would a reader once a writer waits in between.
 *
 * @since 0.1.0
 */
export class RwLockReentered extends Data.TaggedError("RwLockReentered")<{
  /** The name of the lock. */
  readonly lock: string | undefined
  /** The name of the task that holds it and asks for it. */
  readonly owner: string
  readonly holds: "read" | "write"
  readonly asked: "read" | "write"
}> {
  override get message(): string {
    const lock = this.lock === undefined ? "a lock" : `the lock "${this.lock}"`
    return `${this.owner} holds ${lock} to ${this.holds} and asks for it to ${this.asked}: ask once, for the most that it needs`
  }
}

/**
 * A lock for many readers or one writer.
 *
 * @since 0.1.0
 */
export interface RwLock {
  /** Runs an effect while no writer does. Waiting is interruptible; dies with `RwLockReentered`. */
  withRead<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /** Runs an effect while nobody else does. Waiting is interruptible; dies with `RwLockReentered`. */
  withWrite<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /** What is the case now. */
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * The state of a lock at one moment. Tasks are given by name.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  readonly readers: ReadonlyArray<string>
  readonly writer: string | undefined
  /** How many requests wait. */
  readonly waiting: number
}

/**
 * Creates a free lock. The name is for reports.
 *
 * ```ts
 * const lock = yield* RwLock.make({ name: "cache" })
 * const read = lock.withRead(Effect.map(lock.snapshot, ({ readers }) => readers.length))
 * yield* Effect.all([read, read], { concurrency: 2 }) // => [1, 1]
 * yield* lock.withWrite(Effect.map(lock.snapshot, ({ waiting }) => waiting)) // => 0
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: { readonly name?: string | undefined }): Effect.Effect<RwLock> =>
  Effect.sync(() => {
    const name = options?.name
    // A reader takes one of all permits there can be, a writer takes them all.
    const owned = Owned.make("RwLock", name, all)
    const as = (asked: "read" | "write") => ({
      need: asked === "write" ? all : 1,
      reentered: (fiber: Fiber.Fiber<unknown, unknown>, request: WaitQueue.Waiter) =>
        new RwLockReentered({
          lock: name,
          owner: Waits.taskName(fiber),
          holds: request.need === all ? "write" : "read",
          asked
        })
    })
    const [read, write] = [as("read"), as("write")]
    return {
      withRead: (self) => owned.hold(self, read),
      withWrite: (self) => owned.hold(self, write),
      snapshot: Effect.sync(() => {
        const holders = LinkedList.toArray(owned.permits.holders)
        const names = holders.map(({ fiber }) => Waits.taskName(fiber))
        const isWriter = holders[0]?.need === all
        return {
          readers: isWriter ? [] : names,
          writer: isWriter ? names[0] : undefined,
          waiting: owned.permits.waiting
        }
      })
    }
  })

const all = Number.MAX_SAFE_INTEGER
