/** Makes cells, and starts those that live as long as a Scope. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { Options, Overflow } from "../ActorOptions.ts"
import type { ActorRef } from "../ActorRef.ts"
import type { Behavior } from "../Behavior.ts"
import type { Reason } from "../Down.ts"
import type { Cell, Parent, Settings, System } from "./cell.ts"
import { CurrentFrame } from "./frames.ts"
import * as Checks from "./checks.ts"
import * as Lifecycle from "./lifecycle.ts"
import { refOf } from "./localRef.ts"
import * as Scopes from "./scopes.ts"

const defaults: Settings = {
  name: undefined,
  capacity: 10_000,
  overflow: "suspend",
  shutdown: Duration.seconds(5),
  idleMillis: undefined
}

/** What the options of an actor mean. To be shared by all that are made with the same ones. */
export const settings = (options: Options | undefined): Settings => {
  if (options === undefined) return defaults
  const { capacity, idle, name, overflow, shutdown } = options
  return {
    name,
    capacity: capacity === undefined ? defaults.capacity : Checks.count("capacity", capacity),
    overflow:
      overflow === undefined ? defaults.overflow : Checks.oneOf("overflow", overflow, overflows),
    shutdown: shutdown === undefined ? defaults.shutdown : Checks.duration("shutdown", shutdown),
    idleMillis: idle === undefined ? undefined : Checks.interval("idle", idle)
  }
}

const overflows: ReadonlyArray<Overflow> = ["suspend", "fail", "dropNewest", "dropOldest"]

/** A cell without an incarnation: `Lifecycle.start` gives it one. */
export const makeCell = <P extends Rpc.Any, E, R>(
  system: System,
  parent: Parent,
  behavior: Behavior<P, E, R>,
  services: Context.Context<never>,
  settings: Settings
): Cell => {
  const id = ++system.lastId
  const cell = record(id, system, parent, behavior, withoutSpan(services), settings)
  cell.status = "restarting"
  system.cells.set(cell.id, cell)
  return cell
}

/** The record of a cell that the system does not have, or not yet: it has stopped. */
export const record = <P extends Rpc.Any, E, R>(
  id: number,
  system: System,
  parent: Parent,
  behavior: Behavior<P, E, R>,
  services: Context.Context<never>,
  settings: Settings
): Cell => ({
  id,
  system,
  parent,
  // Its services are in `services`; which messages it may be sent is the affair of its addresses.
  behavior: behavior as unknown as Cell["behavior"],
  settings,
  services,
  ref: undefined,
  status: "stopped",
  life: undefined,
  mailbox: undefined,
  current: undefined,
  fiber: undefined,
  awake: true,
  ending: undefined,
  incarnations: 0,
  offered: 0,
  handled: 0,
  rejected: 0,
  deadLettered: 0,
  more: undefined
})

/** Stops a cell and ends it for ever. Cannot be interrupted. */
export const stop = (cell: Cell): Effect.Effect<void> =>
  Effect.uninterruptible(
    Effect.callback<void>((resume) =>
      Lifecycle.cease(cell, cell.settings.shutdown, () => {
        // In the same step: it may have been made, and be about to start.
        Lifecycle.terminate(cell, Lifecycle.lastEnd(cell))
        resume(Effect.void)
      })
    )
  )

/** Made here, as a closure made by `spawn` would keep all that `spawn` was given. */
const stopLater = (cell: Cell) => () => stop(cell)

/** An actor outlives the span in which it is spawned, so its handlers are no part of that. */
const withoutSpan = (services: Context.Context<never>): Context.Context<never> =>
  Context.getOrUndefined(services, Tracer.ParentSpan) === undefined
    ? services
    : Context.omit(Tracer.ParentSpan)(services)

/** Starts a cell of which the Scope is the owner: closing it stops the cell. */
export const spawn = <P extends Rpc.Any, E, R>(
  system: System,
  parent: Parent,
  scope: Scope.Scope,
  behavior: Behavior<P, E, R>,
  options: Options | undefined
): Effect.Effect<ActorRef<P>, E> =>
  Effect.withFiber((fiber) => {
    const cell = makeCell(system, parent, behavior, fiber.context, settings(options))
    if (system.isClosed || !Scopes.attach(scope, cell, stopLater(cell))) {
      Lifecycle.terminate(cell, { _tag: "Stopped" })
      return Effect.interrupt
    }
    return Effect.onInterrupt(
      Effect.flatMap(Lifecycle.start(cell, fiber.getRef(CurrentFrame)), (exit) => {
        if (Exit.isSuccess(exit)) return Effect.succeed(refOf<P>(cell))
        parent.childExited(cell, Lifecycle.lastEnd(cell))
        return Effect.failCause(exit.cause) as Effect.Effect<never, E>
      }),
      () =>
        Effect.sync(() => {
          // One that had started by then is left to its Scope.
          if (cell.status === "restarting") parent.childExited(cell, Lifecycle.lastEnd(cell))
        })
    )
  })

/** What becomes of a cell that a Scope owns, and nobody supervises, when it ends by itself. */
export const forget = (scope: Scope.Scope, cell: Cell, reason: Reason): void => {
  Scopes.detach(scope, cell)
  Lifecycle.terminate(cell, reason)
}
