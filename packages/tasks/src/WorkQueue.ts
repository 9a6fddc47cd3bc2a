/**
 * A bounded queue of work that knows when all of its work is done.
 *
 * Each item that was taken owes one `taskDone`, and `join` waits until nothing is queued and nothing
 * is owed. Takers and offerers are served strictly in order of arrival, and no interrupt, at whatever
 * moment, loses an item.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import type * as Option from "effect/Option"
import * as Concurrency from "./internal/concurrency.ts"
import * as Exchange from "./internal/exchange.ts"
import { PriorityNotANumber } from "./internal/priority.ts"
import * as Stores from "./internal/stores.ts"
import * as WaitQueue from "./internal/waitQueue.ts"
import * as Task from "./Task.ts"
import * as Waits from "./Waits.ts"

/**
 * The queue was shut down: it takes no more items, and has none left.
 *
 * @since 0.1.0
 */
export class QueueShutdown extends Data.TaggedError("QueueShutdown")<{
  /** The name of the queue. */
  readonly queue: string | undefined
}> {
  override get message(): string {
    return `${this.queue === undefined ? "the queue" : `the queue "${this.queue}"`} is shut down`
  }
}

/**
 * More items were reported done than were taken. Nothing was counted.
 *
 * @since 0.1.0
 */
export class TaskDoneUnderflow extends Data.TaggedError("TaskDoneUnderflow")<{
  readonly requested: number
  /** How many items were taken and are not done. */
  readonly owed: number
}> {
  override get message(): string {
    return `${this.requested} items done of ${this.owed} that were taken: call taskDone once for each item`
  }
}

/**
 * Defect raised when a capacity or a number of items is not a positive integer.
 *
 * @since 0.1.0
 */
export class CountOutOfRange extends Data.TaggedError("CountOutOfRange")<{
  /** What was counted: `"capacity"`, `"takeBatch"` or `"taskDone"`. */
  readonly of: string
  readonly requested: number
  readonly limit: number
}> {
  override get message(): string {
    return `${this.of} is ${this.requested}: give an integer from 1 to ${this.limit}`
  }
}

/**
 * A bounded queue of items that are done at some time after they were taken.
 *
 * @since 0.1.0
 */
export interface WorkQueue<in out A> {
  /**
   * Adds an item; waits, behind those who wait already, while the queue is full.
   *
   * Waiting is interruptible, and the item of an offer that was interrupted is not in the queue. Fails
   * with `QueueShutdown` once the queue is shut down, also when it waits then.
   */
  offer(item: A): Effect.Effect<void, QueueShutdown>
  /** Adds an item if `offer` would not wait, and says whether it did. */
  tryOffer(item: A): Effect.Effect<boolean, QueueShutdown>
  /**
   * Takes the next item; waits, behind those who wait already, while there is none. The item owes one
   * `taskDone`.
   *
   * Waiting is interruptible, and takes nothing then. Fails with `QueueShutdown` once the queue is
   * shut down and empty.
   */
  readonly take: Effect.Effect<A, QueueShutdown>
  /** Takes the next item if `take` would not wait. */
  readonly tryTake: Effect.Effect<Option.Option<A>, QueueShutdown>
  /**
   * Takes from 1 to `max` items: waits for the first one as `take` does, and for no other. Dies with
   * `CountOutOfRange` unless `max` is a positive integer.
   */
  takeBatch(max: number): Effect.Effect<Arr.NonEmptyArray<A>, QueueShutdown>
  /**
   * Says that `count` (default 1) of the items that were taken are done. Fails with
   * `TaskDoneUnderflow`, and counts nothing, if fewer are owed; dies with `CountOutOfRange` unless
   * `count` is a positive integer.
   */
  taskDone(count?: number): Effect.Effect<void, TaskDoneUnderflow>
  /** Waits until the queue is empty and each item that was taken is done. Interruptible. */
  readonly join: Effect.Effect<void>
  /**
   * Takes items and runs `f` for each, up to `concurrency` (default 1) at once, until the queue is
   * shut down and empty. Never call `taskDone` for them: an item is done when its run ends, be it
   * in success, failure, defect or interrupt, so that `join` waits for no lost worker.
   *
   * The first failure of `f` interrupts the other runs and waits for them, and then all causes are in
   * the result; items not yet taken stay in the queue. To go on after a failed item, handle its
   * failure in `f`. Dies with `Task.InvalidConcurrency` unless `concurrency` is a positive integer.
   */
  consume<X, E, R>(
    f: (item: A) => Effect.Effect<X, E, R>,
    options?: { readonly concurrency?: number | undefined }
  ): Effect.Effect<void, E, R>
  /**
   * Accepts no more items: offers fail from now on, also those that wait. Takers get what is left,
   * then fail. With `immediate` what is left is dropped, and does not hold up `join`; what was taken
   * is still owed. Returns how many items were dropped.
   */
  shutdown(options?: { readonly immediate?: boolean | undefined }): Effect.Effect<number>
  /** What is the case now. */
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * The state of a queue at one moment.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  readonly capacity: number
  /** Items in the queue. */
  readonly size: number
  /** Items that were taken and are not done. */
  readonly owed: number
  /** How many wait to take. */
  readonly takers: number
  /** How many wait to offer. */
  readonly offers: number
  readonly isShutdown: boolean
}

/**
 * Options of {@link make}.
 *
 * @since 0.1.0
 */
export type Options<A> = {
  /** How many items the queue holds at most. Offers wait when it is full. */
  readonly capacity: number
  /** For reports. */
  readonly name?: string | undefined
} & (
  | {
      /** Oldest (`"fifo"`, the default) or newest (`"lifo"`) item first. */
      readonly order?: "fifo" | "lifo" | undefined
    }
  | {
      /** Highest priority first, and oldest first of those with the same. */
      readonly order: "priority"
      /** Read once, when an item is offered; `NaN` is the defect `Semaphore.PriorityNotANumber`. */
      readonly priority: (item: A) => number
    }
)

/**
 * Creates an empty queue. Dies with `CountOutOfRange` unless its capacity is a positive integer.
 *
 * ```ts
 * const queue = yield* WorkQueue.make<string>({ capacity: 2 })
 * const sizes: Array<number> = []
 * const worker = yield* Effect.forkChild(
 *   queue.consume((line) => Effect.sync(() => sizes.push(line.length)), { concurrency: 2 })
 * )
 * yield* Effect.forEach(["a", "bb", "ccc"], queue.offer)
 * yield* queue.join
 * sizes // => [1, 2, 3]
 * yield* queue.shutdown()
 * yield* Fiber.join(worker)
 * ```
 *
 * @since 0.1.0
 */
export const make = <A>(options: Options<A>): Effect.Effect<WorkQueue<A>> =>
  Effect.suspend(() => {
    const { capacity, name } = options
    if (!isCount(capacity)) return dieOutOfRange("capacity", capacity)
    if (options.order === "priority") {
      return Effect.succeed(workQueue(Stores.priority<A>(), capacity, name, options.priority))
    }
    const store = options.order === "lifo" ? Stores.lifo<A>() : Stores.fifo<A>()
    return Effect.succeed(workQueue(store, capacity, name, () => 0))
  })

const workQueue = <A>(
  store: Stores.Store<A>,
  capacity: number,
  name: string | undefined,
  priorityOf: (item: A) => number
): WorkQueue<A> => {
  let owed = 0
  const joiners = WaitQueue.make(Waits.resource({ kind: "WorkQueue.join", name }))
  const items = Exchange.make<A, QueueShutdown>({
    store,
    capacity,
    kind: "WorkQueue",
    name,
    closed: new QueueShutdown({ queue: name }),
    onTake: () => owed++
  })

  const isDone = () => items.size === 0 && owed === 0
  const wakeIfDone = () => {
    if (isDone()) WaitQueue.wakeAll(joiners)
  }

  const taskDone = (count = 1): Effect.Effect<void, TaskDoneUnderflow> =>
    Effect.suspend(() => {
      if (!isCount(count)) return dieOutOfRange("taskDone", count)
      if (count > owed) return Effect.fail(new TaskDoneUnderflow({ requested: count, owed }))
      owed -= count
      wakeIfDone()
      return Effect.void
    })

  const consumer = <X, E, R>(f: (item: A) => Effect.Effect<X, E, R>): Effect.Effect<void, E, R> =>
    Effect.suspend(() => {
      let open = true
      const handleNext = Effect.uninterruptibleMask((restore) =>
        Effect.matchEffect(restore(items.take), {
          onFailure: () => Effect.sync(() => void (open = false)),
          onSuccess: (item) =>
            Effect.onExit(restore(Effect.suspend(() => f(item))), () => Effect.orDie(taskDone()))
        })
      )
      return Effect.whileLoop({ while: () => open, body: () => handleNext, step: constVoid })
    })

  const offering = <B>(
    item: A,
    offer: (item: A, priority: number) => Effect.Effect<B, QueueShutdown>
  ): Effect.Effect<B, QueueShutdown> =>
    Effect.suspend(() => {
      const priority = priorityOf(item)
      return Number.isNaN(priority) ? Effect.die(new PriorityNotANumber()) : offer(item, priority)
    })

  return {
    offer: (item) => offering(item, items.offer),
    tryOffer: (item) => offering(item, items.tryOffer),
    take: items.take,
    tryTake: items.tryTake,
    takeBatch: (max) => (isCount(max) ? items.takeBatch(max) : dieOutOfRange("takeBatch", max)),
    taskDone,
    join: WaitQueue.wait((joiner) =>
      isDone() ? joiner.resume(joiner.proceed) : joiners.push(joiner)
    ),
    consume: (f, options) =>
      Effect.flatMap(Concurrency.limit(options?.concurrency ?? 1), (concurrency) =>
        Effect.asVoid(Task.gather(Array.from({ length: concurrency }, () => consumer(f))))
      ),
    shutdown: (options) =>
      Effect.sync(() => {
        const dropped = items.close({ drop: options?.immediate === true })
        wakeIfDone()
        return dropped
      }),
    snapshot: Effect.sync(() => ({
      capacity,
      size: items.size,
      owed,
      takers: items.takers,
      offers: items.offerers,
      isShutdown: items.isClosed
    }))
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1

const dieOutOfRange = (of: string, requested: number): Effect.Effect<never> =>
  Effect.die(new CountOutOfRange({ of, requested, limit: Number.MAX_SAFE_INTEGER }))
