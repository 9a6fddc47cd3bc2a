/**
 * The record of one actor.
 *
 * A cell has no fiber while nothing is to be done. There may be a million: fields are few, functions
 * are shared, and what most actors never need is in {@link More}, made at its first use.
 */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import type { Overflow } from "../ActorOptions.ts"
import type { ActorContext, Behavior } from "../Behavior.ts"
import type { Reason } from "../Down.ts"
import type { Expiries } from "./expiries.ts"
import type * as Lane from "./lane.ts"
import type { DeadLetter } from "../DeadLetters.ts"
import type { Turns } from "./turns.ts"

/**
 * `starting` runs `init`; `running`; `stopping` ends its incarnation; `restarting` has none, keeps
 * its mailbox, and waits for its parent to start or to terminate it; `stopped` for ever.
 */
export type Status = "starting" | "running" | "stopping" | "restarting" | "stopped"

/** Who started a cell, and decides what happens when it ends. */
export interface Parent {
  /** The path that the paths of its children begin with: `""` at the root. */
  readonly path: string
  /**
   * The child has ended by itself: it is `restarting`, its resources are released, its mailbox is
   * kept. To be followed by `start` or `terminate`, now or later. Not called for a child that is
   * being started or halted: who does that decides.
   */
  childExited(child: Cell, reason: Reason): void
}

/** How a cell was made. Shared by the cells that were made alike. */
export interface Settings {
  readonly name: string | undefined
  readonly capacity: number
  readonly overflow: Overflow
  /** How long to wait for the current message when the cell is to stop. */
  readonly shutdown: Duration.Duration
  /** Stops the cell when it had nothing to do for so many milliseconds. */
  readonly idleMillis: number | undefined
}

export interface Cell {
  readonly id: number
  readonly system: System
  readonly parent: Parent
  readonly behavior: Behavior<Rpc.Any, unknown, never>
  readonly settings: Settings
  /** The services of the place where it was spawned. */
  readonly services: Context.Context<never>
  /** Its address; made when it is first asked for, and always the same. */
  ref: object | undefined
  status: Status
  /** The incarnation; none while `restarting` and `stopped`. */
  life: Life | undefined
  /** Messages in order; made at the first one. */
  mailbox: Lane.Lane | undefined
  /** The message that is being handled. */
  current: Lane.Envelope | undefined
  /** What runs `init`, or the handler of the current message. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** Whether a turn is scheduled or runs, or none may: then a new message need not wake it. */
  awake: boolean
  /** Why the incarnation is to end after its current message, ends, or has ended. */
  ending: Reason | undefined
  incarnations: number
  offered: number
  handled: number
  rejected: number
  deadLettered: number
  more: More | undefined
}

/** What most cells never need. */
export interface More {
  /** Messages that come before all others. */
  readonly urgent: Lane.Lane
  /** Messages whose senders wait for room. */
  readonly waiting: Lane.Lane
  /** Called, each in a turn of its own, once the incarnation has ended. */
  ended: Array<() => void>
  /** Whether one of these decides what comes then, so that the parent is not told. */
  isParentWaiting: boolean
  /** Called once, when the cell has stopped for ever. */
  readonly watchers: Map<object, (reason: Reason) => void>
  /** What was reported already, and is not reported again. */
  readonly reported: Set<string>
  lastCrash: Cause.Cause<unknown> | undefined
}

/** One incarnation: what it owns, and what its handlers are given. */
export interface Life extends ActorContext<Rpc.Any>, Parent {
  readonly scope: Scope.Closeable
  state: unknown
  /** Messages that were put aside. */
  aside: Lane.Lane | undefined
  /** A turn begins: the time without messages is over. */
  busy(): void
  /** Nothing is left to do: it begins. */
  rest(): void
  /** Ends timers and watches. */
  end(): void
}

/** What all cells of one system share. */
export interface System {
  readonly context: Context.Context<never>
  readonly turns: Turns
  readonly expiries: Expiries
  readonly cells: Map<number, Cell>
  /** What stops supervisors that no other one supervises, before the cells that are left. */
  readonly supervisors: Set<Effect.Effect<void>>
  readonly deadLetter: (cell: Cell, letter: DeadLetter) => void
  /** Runs the messages of a cell until it is to rest. */
  readonly turn: (cell: Cell) => void
  readonly makeLife: (cell: Cell) => Life
  /** The parent of the cells that a Scope owns, which nobody supervises: what ends is gone. */
  readonly ownerOf: (scope: Scope.Scope) => Parent
  lastId: number
  /** How many starts are on the stack, one inside of the other. */
  startsInside: number
  isClosed: boolean
  offered: number
  handled: number
  rejected: number
  deadLettered: number
}

export const pathOf = (cell: Cell): string => `${cell.parent.path}/${cell.settings.name ?? cell.id}`

export const more = (cell: Cell): More =>
  (cell.more ??= {
    urgent: { first: undefined, last: undefined, size: 0 },
    waiting: { first: undefined, last: undefined, size: 0 },
    ended: [],
    isParentWaiting: false,
    watchers: new Map(),
    reported: new Set(),
    lastCrash: undefined
  })

/** Has the cell run its messages, in a turn of its own, unless that is to happen already. */
export const wake = (cell: Cell): void => {
  if (cell.awake) return
  cell.awake = true
  cell.system.turns.schedule(() => cell.system.turn(cell))
}

/** Counts what was done with a message. */
export const count = (
  cell: Cell,
  what: "offered" | "handled" | "rejected" | "deadLettered"
): void => {
  cell[what]++
  cell.system[what]++
}
