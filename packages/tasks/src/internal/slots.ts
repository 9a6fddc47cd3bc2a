/**
 * The places of a bounded group: a task holds one while it runs, and spawning waits for one.
 *
 * A task that spawns into its own full group would wait for a place while it keeps one; when all
 * tasks do so, nothing moves any more. So it hands its own place to the new task, and goes on when it
 * gets one back. Those who want one back are served first, the latest before the others: a chain of
 * tasks that wait for each other unwinds from its end.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Waits from "../Waits.ts"
import * as Permits from "./permits.ts"
import * as WaitQueue from "./waitQueue.ts"

/** What one task holds. */
export interface Slot {
  /** Unset while the place is in other hands. */
  request: WaitQueue.Waiter | undefined
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
  let lent = 0

  const wait = <A>(spawner: Fiber.Fiber<unknown, unknown>, launch: (slot: Slot) => A) => {
    let request: WaitQueue.Waiter | undefined
    let launched = false
    const proceed = Effect.suspend((): Effect.Effect<A, E> => {
      if (closed !== undefined) return closed
      launched = true
      return Effect.succeed(launch({ request }))
    })
    return Effect.onExitPrimitive(
      Effect.callback<A, E>((resume) => {
        request = WaitQueue.waiter(spawner, resume, proceed)
        permits.enter(request)
      }),
      // Hazard: an interrupt can land after the place was granted, before the task is launched.
      () => {
        if (!launched && request !== undefined) permits.leave(request)
        return undefined
      }
    )
  }

  const lend = <A>(
    spawner: Fiber.Fiber<unknown, unknown>,
    own: Slot,
    launch: (slot: Slot) => A
  ) => {
    let back: WaitQueue.Waiter | undefined
    return Effect.onExitPrimitive(
      Effect.callback<A>((resume) => {
        const slot = { request: own.request }
        own.request = undefined
        const proceed = Effect.suspend(() => Effect.succeed(launched))
        back = WaitQueue.waiter(spawner, resume, proceed, 1, ++lent)
        permits.enter(back)
        const launched = launch(slot)
      }),
      () => {
        if (back!.admitted) own.request = back
        else permits.leave(back!)
        return undefined
      }
    )
  }

  const self: Slots<E> = {
    take: (spawner, launch) => {
      if (closed !== undefined) return closed
      const own = permits.fits(1) ? undefined : held(spawner, self)
      return own?.request === undefined ? wait(spawner, launch) : lend(spawner, own, launch)
    },
    leave: ({ request }) => {
      if (request !== undefined) permits.leave(request)
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

const held = (fiber: Fiber.Fiber<unknown, unknown>, slots: object): Slot | undefined => {
  let holding = fiber.getRef(CurrentHolding)
  while (holding !== undefined && holding.slots !== slots) holding = holding.outer
  return holding?.slot
}
