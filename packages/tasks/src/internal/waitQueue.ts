/**
 * The fair line in which every blocking primitive of this package keeps its waiting fibers.
 *
 * Higher priorities stand first, and equal ones in order of arrival. Joining, leaving from any place
 * and reading the first cost O(1), or O(log p) where the waiters have p priorities besides 0.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import * as Waits from "../Waits.ts"
import * as Heap from "./heap.ts"
import * as LinkedList from "./linkedList.ts"

/** One request of one fiber: in a line while it waits, and wherever its primitive keeps it after. */
export interface Waiter extends LinkedList.Node<Waiter> {
  readonly fiber: Fiber.Fiber<unknown, unknown>
  /** How much it asks for, in the units of its primitive. */
  readonly need: number
  readonly priority: number
  /** What the fiber goes on with once it was admitted. */
  proceed: Effect.Effect<unknown, unknown, unknown>
  /** Resumes the suspended fiber; without effect once it was resumed or interrupted. */
  resume(effect: Effect.Effect<unknown, unknown, unknown>): void
  /** The line it stands in. */
  line: WaitQueue | undefined
  /** Whether it has what it asked for. */
  admitted: boolean
  listener: Waits.Listener | undefined
}

/** A request that just arrived, in no line yet. */
export const waiter = <A, E, R>(
  fiber: Waiter["fiber"],
  resume: Waiter["resume"],
  proceed: Effect.Effect<A, E, R>,
  need = 1,
  priority = 0
): Waiter & { proceed: Effect.Effect<A, E, R> } => ({
  fiber,
  need,
  priority,
  proceed,
  resume,
  line: undefined,
  admitted: false,
  listener: undefined,
  previous: undefined,
  next: undefined
})

export interface WaitQueue {
  /** The waiter to admit next. */
  readonly first: Waiter | undefined
  readonly size: number
  /** Adds a waiter that stands in no line, behind all of its priority. */
  push(waiter: Waiter): void
  /** Removes a waiter that stands in this line. */
  remove(waiter: Waiter): void
  /** All waiters, in no promised order. */
  toArray(): ReadonlyArray<Waiter>
}

/** The waiters of one priority other than 0. */
interface Lane extends Heap.Node {
  readonly priority: number
  readonly waiters: LinkedList.List<Waiter>
}

/** Creates the empty line of those who wait for `resource`. */
export const make = (resource: Waits.Resource, before: typeof isHigher = isHigher): WaitQueue => {
  // Invariants, whenever no function below is on the stack:
  //   1. `ordinary` holds the waiters of priority 0.
  //   2. `others` and `lanes` hold the same lanes, and each of them has a waiter.
  const ordinary = LinkedList.make<Waiter>()
  const others = Heap.make<Lane>(before)
  const lanes = new Map<number, Lane>()
  let size = 0

  const laneFor = (priority: number): Lane => {
    const known = lanes.get(priority)
    if (known !== undefined) return known
    const lane: Lane = { priority, waiters: LinkedList.make(), index: 0 }
    lanes.set(priority, lane)
    others.push(lane)
    return lane
  }

  const leaveLane = (waiter: Waiter) => {
    const lane = laneFor(waiter.priority)
    LinkedList.remove(lane.waiters, waiter)
    if (lane.waiters.size > 0) return
    lanes.delete(lane.priority)
    others.remove(lane)
  }

  const self: WaitQueue = {
    get first() {
      const lane = others.first
      if (lane === undefined) return ordinary.first
      return lane.priority > 0 ? lane.waiters.first : (ordinary.first ?? lane.waiters.first)
    },
    get size() {
      return size
    },
    push: (waiter) => {
      if (waiter.priority === 0) LinkedList.append(ordinary, waiter)
      else LinkedList.append(laneFor(waiter.priority).waiters, waiter)
      size++
      waiter.line = self
      waiter.listener = waiter.fiber.getRef(Waits.Observer)
      waiter.listener?.waiting(waiter.fiber, resource)
    },
    remove: (waiter) => {
      if (waiter.priority === 0) LinkedList.remove(ordinary, waiter)
      else leaveLane(waiter)
      size--
      waiter.line = undefined
      waiter.listener?.waited(waiter.fiber, resource)
    },
    toArray: () =>
      [ordinary, ...Array.from(lanes.values(), ({ waiters }) => waiters)].flatMap(
        LinkedList.toArray
      )
  }
  return self
}

const isHigher = (a: { readonly priority: number }, b: { readonly priority: number }): boolean =>
  a.priority > b.priority

/**
 * Lets a fiber that left its line go on, in its own turn: the next one of its scheduler, in one task
 * with all others that were woken before that.
 *
 * Hazard: resumed here, it would run on top of the fiber that admitted it, and so would the next one
 * that it admits: 2,000 waiters nest until the process hangs. And the admitting fiber may be on
 * another scheduler, such as that of a `runSync` that ends.
 */
export const wake = (waiter: Waiter, effect = waiter.proceed): void => {
  waiter.proceed = effect
  const { scheduler } = waiter.fiber.cache
  if (turn?.scheduler !== scheduler) {
    const created: Turn = { scheduler, woken: [] }
    turn = created
    waiter.fiber.currentDispatcher.scheduleTask(() => take(created), 0)
  }
  turn.woken.push(waiter)
}

/** The next turn of a scheduler: who goes on then. */
interface Turn {
  readonly scheduler: Scheduler.Scheduler
  readonly woken: Array<Waiter>
}

let turn: Turn | undefined

const take = (taken: Turn) => {
  if (turn === taken) turn = undefined
  for (const waiter of taken.woken) waiter.resume(waiter.proceed)
}

/** Empties a line, first to last: each goes on with what it proceeds with, or with an effect. */
export const wakeAll = (
  waiters: WaitQueue,
  effectOf?: (index: number) => Effect.Effect<unknown, unknown>
): void => {
  for (let next = waiters.first, index = 0; next !== undefined; next = waiters.first, index++) {
    waiters.remove(next)
    wake(next, effectOf?.(index))
  }
}

/**
 * Suspends a fiber as a waiter that `enter` resumes or puts in a line, and that whoever takes it out
 * of there wakes. When it is interrupted before it went on, `leave` undoes what `enter` did.
 */
export const wait = <A, E = never>(
  enter: (waiter: Waiter) => void,
  leave: (waiter: Waiter) => void = (waiter) => waiter.line?.remove(waiter)
): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) =>
    Effect.callback<A, E>((resume) => {
      const arrived = waiter(fiber, resume, Effect.void)
      enter(arrived)
      return Effect.sync(() => leave(arrived))
    })
  )
