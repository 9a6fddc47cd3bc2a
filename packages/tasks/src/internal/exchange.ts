/** Items that change hands between those who offer and those who take: the core of WorkQueue. */
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Waits from "../Waits.ts"
import { commit, giveUp } from "./commit.ts"
import type * as Stores from "./stores.ts"
import * as WaitQueue from "./waitQueue.ts"

/** What each operation promises is written in WorkQueue; `E` is for when it is closed. */
export interface Exchange<in out A, out E> {
  readonly size: number
  /** How many wait to take, and to offer. */
  readonly takers: number
  readonly offerers: number
  readonly isClosed: boolean
  offer(item: A, priority: number): Effect.Effect<void, E>
  tryOffer(item: A, priority: number): Effect.Effect<boolean, E>
  readonly take: Effect.Effect<A, E>
  readonly tryTake: Effect.Effect<Option.Option<A>, E>
  takeBatch(max: number): Effect.Effect<Arr.NonEmptyArray<A>, E>
  /** Accepts no more items, and may drop what is left; returns how many items that were. */
  close(options: { readonly drop: boolean }): number
}

export const make = <A, E>(options: {
  readonly store: Stores.Store<A>
  readonly capacity: number
  /** The kind and the name of whatever waits here, for reports. */
  readonly kind: string
  readonly name: string | undefined
  /** What takers and offerers fail with once it is closed. */
  readonly closed: E
  /** Called in the step in which an item is taken. */
  readonly onTake: () => void
}): Exchange<A, E> => {
  // A taker that is woken was promised an item, which stays in the store until the taker runs; an
  // offerer that is woken was promised a place. An interrupt in between only takes back a promise.
  //
  // Invariants, whenever no function below is on the stack:
  //   1. promisedItems <= store.size, and store.size + promisedPlaces <= capacity.
  //   2. If somebody waits to take, all items are promised; to offer, all places are.
  //   3. Nobody waits once it is closed.
  const { capacity, kind, name, onTake, store } = options
  const takers = WaitQueue.make(Waits.resource({ kind: `${kind}.take`, name }))
  const offerers = WaitQueue.make(Waits.resource({ kind: `${kind}.offer`, name }))
  const fail = Effect.fail(options.closed)
  let promisedItems = 0
  let promisedPlaces = 0
  let isClosed = false

  const promiseNext = (waiters: WaitQueue.WaitQueue): void => {
    const waiter = waiters.first!
    waiters.remove(waiter)
    waiter.admitted = true
    WaitQueue.wake(waiter)
  }
  const promiseItems = () => {
    for (; takers.size > 0 && promisedItems < store.size; promisedItems++) promiseNext(takers)
  }
  const promisePlaces = () => {
    for (; offerers.size > 0 && store.size + promisedPlaces < capacity; promisedPlaces++) {
      promiseNext(offerers)
    }
  }

  // A newcomer passes neither those who wait nor those who were promised something.
  const mayTake = () => takers.size === 0 && promisedItems === 0 && store.size > 0
  const mayOffer = () =>
    !isClosed && offerers.size === 0 && promisedPlaces === 0 && store.size < capacity
  const isDrained = () => isClosed && promisedItems === store.size

  const pop = (): A => {
    const item = store.pop()
    onTake()
    promisePlaces()
    return item
  }
  const popUpTo = (max: number): Arr.NonEmptyArray<A> => {
    const batch: Arr.NonEmptyArray<A> = [pop()]
    while (batch.length < max && promisedItems < store.size) batch.push(pop())
    return batch
  }
  const push = (item: A, priority: number): void => {
    store.push(item, priority)
    promiseItems()
  }

  const taking = <B>(get: () => B): Effect.Effect<B, E> => {
    const now = commit(
      () => (mayTake() ? get() : giveUp()),
      () => later
    )
    const promised = (taker: WaitQueue.Waiter) =>
      commit(
        () => {
          // What was promised may have been dropped.
          if (promisedItems === 0) giveUp()
          taker.admitted = false
          promisedItems--
          return get()
        },
        () => later
      )
    const later = WaitQueue.wait<B, E>(
      (taker) => {
        if (isDrained()) return taker.resume(fail)
        taker.proceed = promised(taker)
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

  const offerLater = (item: A, priority: number): Effect.Effect<void, E> => {
    const promised = (offerer: WaitQueue.Waiter) =>
      commit(
        () => {
          if (isClosed) giveUp()
          offerer.admitted = false
          promisedPlaces--
          push(item, priority)
        },
        () => later
      )
    const later = WaitQueue.wait<void, E>(
      (offerer) => {
        if (isClosed) return offerer.resume(fail)
        offerer.proceed = promised(offerer)
        offerers.push(offerer)
        promisePlaces()
      },
      (offerer) => {
        if (offerer.admitted) {
          promisedPlaces--
          if (!isClosed) promisePlaces()
        } else offerer.line?.remove(offerer)
      }
    )
    return later
  }

  return {
    get size() {
      return store.size
    },
    get takers() {
      return takers.size
    },
    get offerers() {
      return offerers.size
    },
    get isClosed() {
      return isClosed
    },
    offer: (item, priority) =>
      mayOffer()
        ? commit(
            () => (mayOffer() ? push(item, priority) : giveUp()),
            () => offerLater(item, priority)
          )
        : offerLater(item, priority),
    tryOffer: (item, priority) =>
      isClosed
        ? fail
        : Effect.sync(() => {
            if (!mayOffer()) return false
            push(item, priority)
            return true
          }),
    take: taking(pop),
    tryTake: Effect.suspend(() =>
      isDrained() ? fail : Effect.sync(() => (mayTake() ? Option.some(pop()) : Option.none()))
    ),
    takeBatch: (max) => taking(() => popUpTo(max)),
    close: ({ drop }) => {
      isClosed = true
      WaitQueue.wakeAll(offerers, () => fail)
      WaitQueue.wakeAll(takers, () => fail)
      if (!drop) return 0
      const dropped = store.size
      while (store.size > 0) store.pop()
      promisedItems = 0
      return dropped
    }
  }
}
