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
import * as Option from "effect/Option"
import { commit, giveUp } from "./internal/commit.ts"
import * as Concurrency from "./internal/concurrency.ts"
import * as Priority from "./internal/priority.ts"
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
 * Defect raised when the priority of an item is `NaN`, which has no place in an order.
 *
 * @since 0.1.0
 */
export const PriorityNotANumber: typeof Priority.PriorityNotANumber = Priority.PriorityNotANumber

/**
 * Defect raised when `concurrency` is not a positive integer.
 *
 * @since 0.1.0
 */
export const InvalidConcurrency: typeof Concurrency.InvalidConcurrency =
  Concurrency.InvalidConcurrency

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
   * failure in `f`. Dies with `InvalidConcurrency` unless `concurrency` is a positive integer.
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
      /** The priority of an item, read once when it is offered. */
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
  // A taker that is woken was promised an item, which stays in the store until the taker runs; an
  // offerer that is woken was promised a place. An interrupt in between only takes back a promise.
  //
  // Invariants, whenever no function below is on the stack:
  //   1. promisedItems <= store.size, and store.size + promisedPlaces <= capacity.
  //   2. If somebody waits to take, all items are promised; to offer, all places are.
  //   3. Nobody waits to take or to offer once the queue is shut down.
  const line = (operation: string) =>
    WaitQueue.make(Waits.resource({ kind: `WorkQueue.${operation}`, name }))
  const [takers, offerers, joiners] = [line("take"), line("offer"), line("join")]
  let promisedItems = 0
  let promisedPlaces = 0
  let owed = 0
  let isShutdown = false

  const fail = Effect.fail(new QueueShutdown({ queue: name }))

  const promise = (waiters: WaitQueue.WaitQueue): void => {
    const waiter = waiters.first!
    waiters.remove(waiter)
    waiter.admitted = true
    WaitQueue.wake(waiter)
  }
  const promiseItems = () => {
    for (; takers.size > 0 && promisedItems < store.size; promisedItems++) promise(takers)
  }
  const promisePlaces = () => {
    for (; offerers.size > 0 && store.size + promisedPlaces < capacity; promisedPlaces++) {
      promise(offerers)
    }
  }
  const wakeAll = (waiters: WaitQueue.WaitQueue, effect?: Effect.Effect<never, QueueShutdown>) => {
    for (let next = waiters.first; next !== undefined; next = waiters.first) {
      waiters.remove(next)
      WaitQueue.wake(next, effect)
    }
  }

  // A newcomer never passes those who wait, nor those who were promised something.
  const mayTake = () => takers.size === 0 && promisedItems === 0 && store.size > 0
  const mayOffer = () =>
    !isShutdown && offerers.size === 0 && promisedPlaces === 0 && store.size < capacity

  const pop = (): A => {
    const item = store.pop()
    owed++
    promisePlaces()
    return item
  }
  const push = (item: A, priority: number): void => {
    store.push(item, priority)
    promiseItems()
  }

  const taking = <B>(get: () => B): Effect.Effect<B, QueueShutdown> => {
    const now = commit(
      () => (mayTake() ? get() : giveUp()),
      () => later
    )
    const later = WaitQueue.wait<B, QueueShutdown>(
      (taker) => {
        if (isShutdown && promisedItems === store.size) return taker.resume(fail)
        taker.proceed = commit(
          () => {
            // An immediate shutdown has dropped what was promised.
            if (promisedItems === 0) giveUp()
            taker.admitted = false
            promisedItems--
            return get()
          },
          () => later
        )
        takers.push(taker)
        promiseItems()
      },
      (taker) => {
        if (taker.admitted && promisedItems > 0) {
          promisedItems--
          promiseItems()
        } else taker.line?.remove(taker)
      }
    )
    return Effect.suspend(() => (mayTake() ? now : later))
  }

  const offerLater = (item: A, priority: number): Effect.Effect<void, QueueShutdown> => {
    const later = WaitQueue.wait<void, QueueShutdown>(
      (offerer) => {
        if (isShutdown) return offerer.resume(fail)
        offerer.proceed = commit(
          () => {
            if (isShutdown) giveUp()
            offerer.admitted = false
            promisedPlaces--
            push(item, priority)
          },
          () => later
        )
        offerers.push(offerer)
        promisePlaces()
      },
      (offerer) => {
        if (offerer.admitted) {
          promisedPlaces--
          if (!isShutdown) promisePlaces()
        } else offerer.line?.remove(offerer)
      }
    )
    return later
  }

  const offering = <B, E>(
    item: A,
    offer: (priority: number) => Effect.Effect<B, E>
  ): Effect.Effect<B, E | QueueShutdown> =>
    Effect.suspend((): Effect.Effect<B, E | QueueShutdown> => {
      const priority = priorityOf(item)
      if (Number.isNaN(priority)) return Effect.die(new PriorityNotANumber())
      return isShutdown ? fail : offer(priority)
    })

  const take = taking(pop)

  const popUpTo = (max: number): Arr.NonEmptyArray<A> => {
    const batch: Arr.NonEmptyArray<A> = [pop()]
    while (batch.length < max && promisedItems < store.size) batch.push(pop())
    return batch
  }

  const taskDone = (count = 1): Effect.Effect<void, TaskDoneUnderflow> =>
    Effect.suspend(() => {
      if (!isCount(count)) return dieOutOfRange("taskDone", count)
      if (count > owed) return Effect.fail(new TaskDoneUnderflow({ requested: count, owed }))
      owed -= count
      wakeIfDone()
      return Effect.void
    })
  const isDone = () => store.size === 0 && owed === 0
  const wakeIfDone = () => {
    if (isDone()) wakeAll(joiners)
  }

  const consumer = <X, E, R>(f: (item: A) => Effect.Effect<X, E, R>): Effect.Effect<void, E, R> =>
    Effect.suspend(() => {
      let open = true
      const handleNext = Effect.uninterruptibleMask((restore) =>
        Effect.matchEffect(restore(take), {
          onFailure: () => Effect.sync(() => void (open = false)),
          onSuccess: (item) =>
            Effect.onExit(restore(Effect.suspend(() => f(item))), () => Effect.orDie(taskDone()))
        })
      )
      return Effect.whileLoop({ while: () => open, body: () => handleNext, step: constVoid })
    })

  return {
    offer: (item) =>
      offering(item, (priority) =>
        mayOffer()
          ? commit(
              () => (mayOffer() ? push(item, priority) : giveUp()),
              () => offerLater(item, priority)
            )
          : offerLater(item, priority)
      ),
    tryOffer: (item) =>
      offering(item, (priority) =>
        Effect.sync(() => {
          if (!mayOffer()) return false
          push(item, priority)
          return true
        })
      ),
    take,
    tryTake: Effect.suspend(() =>
      isShutdown && promisedItems === store.size
        ? fail
        : Effect.sync(() => (mayTake() ? Option.some(pop()) : Option.none()))
    ),
    takeBatch: (max) =>
      isCount(max) ? taking(() => popUpTo(max)) : dieOutOfRange("takeBatch", max),
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
        isShutdown = true
        wakeAll(offerers, fail)
        wakeAll(takers, fail)
        if (options?.immediate !== true) return 0
        const dropped = store.size
        while (store.size > 0) store.pop()
        promisedItems = 0
        wakeIfDone()
        return dropped
      }),
    snapshot: Effect.sync(() => ({
      capacity,
      size: store.size,
      owed,
      takers: takers.size,
      offers: offerers.size,
      isShutdown
    }))
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1

const dieOutOfRange = (of: string, requested: number): Effect.Effect<never> =>
  Effect.die(new CountOutOfRange({ of, requested, limit: Number.MAX_SAFE_INTEGER }))
