/**
 * The record of one actor, and what may be done with its mailbox from outside.
 *
 * A cell has no fiber while nothing is to be done. There may be a million: fields are few, functions
 * are shared, and what most actors never need is in {@link More}, made at its first use.
 */
import type * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import type { ActorStopped, AskCycle, AskTimeout, MailboxFull } from "../ActorError.ts"
import type { ActorContext, Behavior } from "../Behavior.ts"
import type * as Lane from "./lane.ts"
import type { Turns } from "./turns.ts"

/** How an incarnation ended. */
export type ExitReason =
  | { readonly _tag: "Stopped" }
  | { readonly _tag: "Killed" }
  | { readonly _tag: "Crashed"; readonly cause: Cause.Cause<unknown> }

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
   * being halted: who halts it decides.
   */
  readonly childExited: (child: Cell, reason: ExitReason) => void
}

export type Overflow = "suspend" | "fail" | "dropNewest" | "dropOldest"

/** How a cell was made. Shared by the cells that were made alike. */
export interface Settings {
  readonly capacity: number
  readonly overflow: Overflow
  /** How long to wait for the current message when the cell is to stop. */
  readonly shutdown: Duration.Input
}

export interface Cell {
  readonly id: number
  readonly name: string
  readonly system: System
  readonly parent: Parent
  readonly behavior: Behavior<Rpc.Any, unknown, never>
  readonly settings: Settings
  /** The services of the place where it was spawned. */
  readonly services: Context.Context<never>
  status: Status
  /** The services, and the Scope of this incarnation. */
  context: Context.Context<never>
  scope: Scope.Closeable | undefined
  /** What handlers are given; made anew for each incarnation. */
  self: ActorContext<Rpc.Any> | undefined
  state: unknown
  /** Messages in order; made at the first one. */
  mailbox: Lane.Lane | undefined
  /** The message that is being handled. */
  current: Lane.Envelope | undefined
  /** What runs `init`, or the handler of the current message. */
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** Whether a turn is scheduled or runs, or none may: then a new message need not wake it. */
  awake: boolean
  /** Why the incarnation is to end after its current message. */
  ending: ExitReason | undefined
  offered: number
  handled: number
  rejected: number
  deadLettered: number
  more: More | undefined
}

/** What most cells never need. */
export interface More {
  /** Messages whose senders wait for room. */
  readonly waiting: Lane.Lane
  /** Called once the incarnation has ended. */
  ended: Array<() => void>
  /** Called once the cell has stopped for ever. */
  readonly watchers: Set<(reason: ExitReason) => void>
  restarts: number
  lastCrash: Cause.Cause<unknown> | undefined
}

/** A request: its asker waits until it is over. */
export interface Request extends Lane.Envelope {
  readonly kind: "ask"
  readonly cell: Cell
  /** The handler that asks, if one does. */
  readonly caller: Frame | undefined
  readonly resume: (answer: Effect.Effect<unknown, unknown>) => void
  /** Whether the asker has its answer, or has gone. */
  over: boolean
  expiresAt: number
  timeout: Duration.Duration
  bucket: Bucket | undefined
  earlier: Request | undefined
  later: Request | undefined
}

export type AskError = MailboxFull | ActorStopped | AskTimeout | AskCycle

/** The requests with the same timeout, which is their order of expiry too. */
export interface Bucket {
  readonly millis: number
  first: Request | undefined
  last: Request | undefined
  sleeper: Fiber.Fiber<unknown, unknown> | undefined
}

/** The handling of one message, as the code that it runs sees it. */
export interface Frame {
  readonly cell: Cell
  /** The handling that asked for this one, and waits for it. */
  readonly outer: Frame | undefined
  active: boolean
}

/** What all cells of one system share. */
export interface System {
  readonly context: Context.Context<never>
  readonly clock: Clock.Clock
  readonly turns: Turns
  readonly cells: Map<number, Cell>
  readonly buckets: Map<number, Bucket>
  /** Runs the messages of a cell until it is to rest. */
  readonly turn: (cell: Cell) => void
  readonly deadLetter: (
    cell: Cell,
    envelope: Lane.Envelope,
    reason: DeadLetterReason,
    cause?: Cause.Cause<unknown>
  ) => void
  lastId: number
}

export type DeadLetterReason = "stopped" | "killed" | "crashed" | "droppedNewest" | "droppedOldest"

export const pathOf = (cell: Cell): string => `${cell.parent.path}/${cell.name}`

export const more = (cell: Cell): More =>
  (cell.more ??= {
    waiting: { first: undefined, last: undefined, size: 0 },
    ended: [],
    watchers: new Set(),
    restarts: 0,
    lastCrash: undefined
  })

/** Has the cell run its messages, in a turn of its own. */
export const wake = (cell: Cell): void => {
  cell.awake = true
  cell.system.turns.schedule(() => cell.system.turn(cell))
}
