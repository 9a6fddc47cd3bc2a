/** One incarnation of a cell: what it owns, and what its handlers are given. */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import * as Scope from "effect/Scope"
import type { ActorRef } from "../ActorRef.ts"
import type { ActorContext } from "../Behavior.ts"
import type { Reason } from "../Down.ts"
import { type Cell, type Life, pathOf } from "./cell.ts"
import type { Lane } from "./lane.ts"
import { requestStop } from "./lifecycle.ts"
import { cellOf, refOf } from "./localRef.ts"
import * as Mailbox from "./mailbox.ts"
import { forget, spawn } from "./spawning.ts"
import * as SweepingMap from "./sweepingMap.ts"
import * as Timers from "./timers.ts"
import * as Watches from "./watches.ts"

/** What few incarnations have. */
interface Extra {
  readonly timers: SweepingMap.SweepingMap<string, Timers.Timer>
  /** By the cell that is watched. */
  readonly watches: SweepingMap.SweepingMap<object, Watches.Watch>
  receiveTimeout: Timers.Timer | undefined
}

// A class, as every actor has one of these, and closures for its methods would cost each of them more.
class LocalLife implements Life {
  readonly cell: Cell
  readonly scope: Scope.Closeable = Scope.makeUnsafe()
  state: unknown = undefined
  aside: Lane | undefined = undefined
  idle: Timers.IdleStop | undefined = undefined
  extra: Extra | undefined = undefined

  constructor(cell: Cell) {
    this.cell = cell
  }

  get self(): ActorRef<Rpc.Any> {
    return refOf(this.cell)
  }

  // As a parent.
  get path(): string {
    return pathOf(this.cell)
  }
  childExited(child: Cell, reason: Reason): void {
    forget(this.scope, child, reason)
  }

  // Getters, so that a handler may take what it needs out of its context: `({ spawn }) => …`.
  get spawn(): ActorContext<Rpc.Any>["spawn"] {
    return (behavior, options) =>
      spawn(this.cell.system, this, this.scope, behavior, options) as Effect.Effect<never, never>
  }
  get watch(): ActorContext<Rpc.Any>["watch"] {
    return (ref, tag, payload) =>
      this.now(({ watches }) => {
        const target = cellOf(ref)
        const key = target ?? ref
        watches.get(key)?.end()
        watches.set(
          key,
          target === undefined
            ? Watches.notFound(this.cell, ref, tag, payload)
            : Watches.begin(this.cell, target, tag, payload)
        )
      })
  }
  get unwatch(): ActorContext<Rpc.Any>["unwatch"] {
    return (ref) =>
      this.now(({ watches }) => {
        const key = cellOf(ref) ?? ref
        watches.get(key)?.end()
        watches.delete(key)
      })
  }
  get timer(): ActorContext<Rpc.Any>["timer"] {
    return (key, when, tag, ...[payload]) =>
      this.now(({ timers }) => {
        const timer = Timers.fromWhen(this.cell, when, tag, payload)
        const replaced = timers.get(key)
        if (replaced !== undefined) Timers.cancel(replaced)
        Timers.start(timer)
        timers.set(key, timer)
      })
  }
  get cancelTimer(): ActorContext<Rpc.Any>["cancelTimer"] {
    return (key) =>
      this.now(({ timers }) => {
        const timer = timers.get(key)
        if (timer === undefined) return
        timers.delete(key)
        Timers.cancel(timer)
      })
  }
  get receiveTimeout(): ActorContext<Rpc.Any>["receiveTimeout"] {
    return (after, tag, ...[payload]) =>
      this.now((extra) => {
        if (extra.receiveTimeout !== undefined) Timers.cancel(extra.receiveTimeout)
        extra.receiveTimeout = Timers.fromWhen(this.cell, { after }, tag, payload)
        if (!this.cell.awake) Timers.start(extra.receiveTimeout)
      })
  }
  get stash(): Effect.Effect<never> {
    return Effect.die(Mailbox.putAside)
  }
  get unstashAll(): Effect.Effect<void> {
    return Effect.sync(() => {
      if (this.cell.life === this) Mailbox.unstash(this.cell)
    })
  }
  get stop(): Effect.Effect<void> {
    return Effect.sync(() => {
      if (this.cell.life === this) requestStop(this.cell)
    })
  }

  busy(): void {
    const { expiries } = this.cell.system
    if (this.idle !== undefined) expiries.leave(this.idle)
    if (this.extra?.receiveTimeout !== undefined) expiries.leave(this.extra.receiveTimeout)
  }
  rest(): void {
    const { idleMillis } = this.cell.settings
    if (idleMillis !== undefined) {
      this.idle ??= Timers.idleStop(this.cell, requestStop)
      this.cell.system.expiries.enter(this.idle, idleMillis)
    }
    if (this.extra?.receiveTimeout !== undefined) Timers.start(this.extra.receiveTimeout)
  }
  end(): void {
    this.busy()
    if (this.extra === undefined) return
    const { receiveTimeout, timers, watches } = this.extra
    if (receiveTimeout !== undefined) Timers.cancel(receiveTimeout)
    for (const timer of timers.values()) Timers.cancel(timer)
    for (const watch of watches.values()) watch.end()
    this.extra = undefined
  }

  /** Changes something of this incarnation, while it lasts. */
  private now(change: (extra: Extra) => void): Effect.Effect<void> {
    return Effect.sync(() => {
      if (this.cell.life !== this || this.cell.status === "stopping") return
      this.extra ??= {
        timers: SweepingMap.make(Timers.isOver),
        watches: SweepingMap.make(({ isOver }) => isOver()),
        receiveTimeout: undefined
      }
      change(this.extra)
    })
  }
}

export const make = (cell: Cell): Life => new LocalLife(cell)
