/**
 * The places of a bounded group: a task holds one while it runs, and spawning waits for one.
 *
 * A task that spawns into its own full group would wait for a place while it keeps one; when all
 * tasks do so, nothing moves any more. So it lends its own place to the new task, and goes on when it
 * has one again. Those who want one back are served first, the latest before the others: a chain of
 * tasks that wait for each other unwinds from its end.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { constVoid } from "effect/Function"
import * as Waits from "../Waits.ts"
import { commit, giveUp } from "./commit.ts"
import * as LinkedList from "./linkedList.ts"
import * as Permits from "./permits.ts"
import * as WaitQueue from "./waitQueue.ts"

/** The place of one task. */
export interface Slot {
  /** The place, unless it is lent, or given back. */
  held: WaitQueue.Waiter | undefined
  /** The one request for it, while spawns of the task wait. */
  wanted: WaitQueue.Waiter | undefined
  /** Spawns of the task that wait for a place for the new task. */
  readonly pending: LinkedList.List<Spawn>
  /** Spawns of the task that have lent its place, and go on when it is back. */
  readonly lending: Set<Spawn>
  /** Whether the task has ended; spawns of fibers that it left behind may still wait. */
  ended: boolean
}

interface Spawn extends LinkedList.Node<Spawn> {
  readonly spawner: Fiber.Fiber<unknown, unknown>
  readonly launch: (slot: Slot) => unknown
  readonly resume: (effect: Effect.Effect<unknown, unknown>) => void
  launched: unknown
}

export interface Slots<E> {
  /** Runs `launch` with a place for the task that it starts, as soon as there is one. */
  take<A>(spawner: Fiber.Fiber<unknown, unknown>, launch: (slot: Slot) => A): Effect.Effect<A, E>
  /** Gives the place of a task that has ended to the next one. */
  leave(slot: Slot): void
  /** Marks the context of a task that holds `slot`. */
  enter<R>(context: Context.Context<R>, slot: Slot): Context.Context<R>
  /** Fails all who wait to launch, and who will. */
  close(error: E): void
}

/** The places that the tasks around a fiber hold, innermost first. */
interface Holding {
  readonly slots: object
  readonly slot: Slot
  readonly outer: Holding | undefined
}

const CurrentHolding = Context.Reference<Holding | undefined>("@fibra/tasks/CurrentHolding", {
  defaultValue: () => undefined
})

export const make = <E>(
  name: string,
  total: number,
  holders: Waits.Resource["holders"]
): Slots<E> => {
  const permits = Permits.make(Waits.resource({ kind: "TaskGroup.spawn", name, holders }), total)
  let closed: Effect.Effect<never, E> | undefined

  /** The way of those who have no place to lend. Who is interrupted has started no task. */
  const wait = <A>(spawner: Fiber.Fiber<unknown, unknown>, launch: (slot: Slot) => A) => {
    const now = commit(
      () => {
        // Nothing fits once it is closed.
        if (!permits.fits(1)) return giveUp()
        const request = WaitQueue.waiter(spawner, constVoid, Effect.void)
        permits.enter(request)
        return launch(makeSlot(request))
      },
      () => later
    )
    let launched = false
    const later = WaitQueue.wait<A, E>(
      (request) => {
        // Hazard: it may have closed in the meantime. Nobody would wake this one then.
        if (closed !== undefined) return request.resume(closed)
        request.proceed = commit(
          () => {
            if (closed !== undefined) return giveUp()
            launched = true
            return launch(makeSlot(request))
          },
          () => closed!
        )
        permits.join(request)
      },
      (request) => {
        if (!launched) permits.leave(request)
      }
    )
    return now
  }

  const lending = makeLending(permits, () => closed)
  const self: Slots<E> = {
    take: <A>(spawner: Fiber.Fiber<unknown, unknown>, launch: (slot: Slot) => A) => {
      if (closed !== undefined) return closed
      const own = permits.fits(1) ? undefined : slotOf(spawner, self)
      return own === undefined
        ? wait(spawner, launch)
        : (lending.spawn(own, spawner, launch) as Effect.Effect<A, E>)
    },
    leave: (slot) => {
      slot.ended = true
      if (slot.held !== undefined) permits.leave(slot.held)
      slot.held = undefined
    },
    enter: (context, slot) => {
      const outer = Context.get(context, CurrentHolding)
      const holding: Holding = { slots: self, slot, outer }
      return Context.add(context, CurrentHolding, holding) as typeof context
    },
    close: (error) => {
      closed = Effect.fail(error)
      // What waits is woken, and finds that it is closed.
      permits.resize(0).forEach((request) => WaitQueue.wake(request))
    }
  }
  return self
}

/** How the tasks of a group lend their places to the tasks that they spawn. */
const makeLending = (
  permits: Permits.Permits,
  closed: () => Effect.Effect<never, unknown> | undefined
) => {
  // Invariants of each slot, whenever no function below is on the stack:
  //   1. `wanted` is set exactly while there are spawns in `pending` or `lending`.
  //   2. Then `held` is not set: a task never waits for a place while it keeps one.
  let order = 0

  const want = (slot: Slot, spawner: Fiber.Fiber<unknown, unknown>) => {
    const granted = () => {
      // Hazard: it may have been withdrawn after it was granted.
      if (slot.wanted === request) goOn(slot)
    }
    const request = WaitQueue.waiter(spawner, granted, Effect.void, 1, ++order)
    slot.wanted = request
    // Not granted here, even if there is a place: the callers are in the middle of something.
    permits.join(request)
  }

  /** With the wanted place in hand, or closed. */
  const goOn = (slot: Slot) => {
    const end = closed()
    if (end === undefined) slot.held = slot.wanted
    slot.wanted = undefined
    const next = slot.pending.first
    if (end === undefined && next !== undefined) return lend(slot, next)
    const refused = LinkedList.toArray(slot.pending)
    const served = [...slot.lending]
    for (const spawn of refused) LinkedList.remove(slot.pending, spawn)
    if (slot.ended && slot.held !== undefined) permits.leave(slot.held)
    // Last, when all is settled: who goes on may spawn again at once.
    for (const { resume } of refused) resume(end!)
    for (const { launched, resume } of served) resume(Effect.succeed(launched))
  }

  const lend = (slot: Slot, spawn: Spawn) => {
    LinkedList.remove(slot.pending, spawn)
    slot.lending.add(spawn)
    const lent = makeSlot(slot.held!)
    slot.held = undefined
    want(slot, spawn.spawner)
    spawn.launched = spawn.launch(lent)
  }

  const spawn = (
    slot: Slot,
    spawner: Fiber.Fiber<unknown, unknown>,
    launch: (slot: Slot) => unknown
  ) => {
    let spawn: Spawn | undefined
    return Effect.onExitPrimitive(
      Effect.callback<unknown, unknown>((resume) => {
        // The hazard is that of `wait`.
        const end = closed()
        if (end !== undefined) return resume(end)
        const links = { previous: undefined, next: undefined }
        spawn = { spawner, launch, resume, launched: undefined, ...links }
        LinkedList.append(slot.pending, spawn)
        if (slot.held !== undefined) lend(slot, spawn)
        else if (slot.wanted === undefined) want(slot, spawner)
      }),
      () => {
        if (spawn !== undefined) withdraw(slot, spawn)
        return undefined
      }
    )
  }

  const withdraw = (slot: Slot, spawn: Spawn) => {
    if (!slot.lending.delete(spawn) && isPending(slot, spawn))
      LinkedList.remove(slot.pending, spawn)
    const { wanted } = slot
    if (wanted === undefined || slot.lending.size > 0 || slot.pending.size > 0) return
    slot.wanted = undefined
    if (wanted.admitted && !slot.ended) slot.held = wanted
    else permits.leave(wanted)
  }
  return { spawn }
}

const isPending = (slot: Slot, spawn: Spawn): boolean =>
  spawn.previous !== undefined || slot.pending.first === spawn

const makeSlot = (held: WaitQueue.Waiter): Slot => ({
  held,
  wanted: undefined,
  pending: LinkedList.make(),
  lending: new Set(),
  ended: false
})

const slotOf = (fiber: Fiber.Fiber<unknown, unknown>, slots: object): Slot | undefined => {
  let holding = fiber.getRef(CurrentHolding)
  while (holding !== undefined && holding.slots !== slots) holding = holding.outer
  return holding?.slot
}
