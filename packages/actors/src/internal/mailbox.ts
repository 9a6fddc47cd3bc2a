/**
 * The messages of a cell, from their offer to their handler.
 *
 * Invariants, whenever no function of this file is on the stack:
 *   1. Every offered message is handled, rejected, dead-lettered, or it is the current one, or in
 *      `mailbox`, `more.urgent` or the stash. Those in `more.waiting` are not offered yet.
 *   2. While a sender waits for room there is none.
 */
import * as Exit from "effect/Exit"
import type * as Cause from "effect/Cause"
import { ActorStopped, MailboxFull } from "../ActorError.ts"
import type { DeadLetter } from "../DeadLetters.ts"
import { type Cell, count, more, pathOf, wake } from "./cell.ts"
import * as Lane from "./lane.ts"
import * as Requests from "./requests.ts"
import { admit, isWaitingTell } from "./waiting.ts"

/** What came of an offer: `waiting` is in line for room, `full` and `stopped` were not taken. */
export type Offered = "taken" | "waiting" | "full" | "stopped"

export const envelope = (kind: "tell" | "tick", tag: string, payload: unknown): Lane.Envelope => ({
  kind,
  tag,
  payload,
  lane: undefined,
  previous: undefined,
  next: undefined
})

/** What tells a cell that another one is gone. */
export interface DownEnvelope extends Lane.Envelope {
  readonly kind: "down"
  /** The `Down` itself, until the message is handled. */
  payload: unknown
  /** Makes the payload; code of the watcher, which may die. */
  readonly makePayload: () => unknown
}

export const isDown = (envelope: Lane.Envelope): envelope is DownEnvelope =>
  envelope.kind === "down"

/** Whether a message was not sent by others: there is always room for it. */
const isOwn = ({ kind }: Lane.Envelope): boolean => kind === "tick" || kind === "down"

/** The defect by which a handler that puts its message aside ends. */
export const putAside = new Error("the message was put aside: let this defect pass")

export const isFull = (cell: Cell): boolean =>
  cell.mailbox !== undefined && cell.mailbox.size >= cell.settings.capacity

/** Offers a message. With `mayWait`, a full mailbox that suspends its senders lets it wait. */
export const offer = (cell: Cell, envelope: Lane.Envelope, mayWait: boolean): Offered => {
  if (cell.status === "stopped") {
    count(cell, "offered")
    if (envelope.kind === "ask") count(cell, "rejected")
    else deadLetter(cell, envelope, "stopped")
    return "stopped"
  }
  const mailbox = (cell.mailbox ??= Lane.make())
  if (mailbox.size >= cell.settings.capacity) return overflow(cell, mailbox, envelope, mayWait)
  count(cell, "offered")
  Lane.append(mailbox, envelope)
  wake(cell)
  return "taken"
}

const overflow = (
  cell: Cell,
  mailbox: Lane.Lane,
  envelope: Lane.Envelope,
  mayWait: boolean
): Offered => {
  const { overflow } = cell.settings
  if (overflow === "suspend" && mayWait) {
    Lane.append(more(cell).waiting, envelope)
    return "waiting"
  }
  count(cell, "offered")
  if (overflow === "dropNewest") {
    drop(cell, envelope, "droppedNewest")
    return "taken"
  }
  if (overflow === "dropOldest") {
    dropOldest(cell, mailbox)
    Lane.append(mailbox, envelope)
    return "taken"
  }
  count(cell, "rejected")
  return "full"
}

const dropOldest = (cell: Cell, mailbox: Lane.Lane): void => {
  let oldest = mailbox.first
  while (oldest !== undefined && isOwn(oldest)) oldest = oldest.next
  if (oldest === undefined) return
  Lane.remove(mailbox, oldest)
  drop(cell, oldest, "droppedOldest")
}

/** Adds a message of the cell to itself, for which there is always room. */
export const offerOwn = (cell: Cell, envelope: Lane.Envelope): void => {
  count(cell, "offered")
  Lane.append((cell.mailbox ??= Lane.make()), envelope)
  wake(cell)
}

/** Adds a message that comes before all others, and for which there is always room. */
export const offerUrgent = (cell: Cell, envelope: Lane.Envelope): void => {
  count(cell, "offered")
  Lane.append(more(cell).urgent, envelope)
  wake(cell)
}

/** Takes a message back that its sender no longer wants handled. */
export const withdraw = (cell: Cell, envelope: Lane.Envelope): void => {
  const { lane } = envelope
  if (lane === undefined) return
  Lane.remove(lane, envelope)
  count(cell, "rejected")
  admit(cell)
}

export const isEmpty = ({ mailbox, more }: Cell): boolean =>
  (mailbox === undefined || mailbox.size === 0) && (more === undefined || more.urgent.size === 0)

/** The next message to handle. */
export const take = (cell: Cell): Lane.Envelope | undefined => {
  const { mailbox, more } = cell
  if (more === undefined) return mailbox && Lane.shift(mailbox)
  if (more.urgent.size > 0) return Lane.shift(more.urgent)
  const envelope = mailbox && Lane.shift(mailbox)
  if (more.waiting.size > 0) admit(cell)
  return envelope
}

/** Puts the current message aside; where no more can be, it is dropped. */
export const stash = (cell: Cell, envelope: Lane.Envelope): void => {
  const life = cell.life!
  const lane = (life.aside ??= Lane.make())
  if (lane.size >= cell.settings.capacity && !isOwn(envelope)) {
    return drop(cell, envelope, "stashFull")
  }
  // An asker may have gone in the meantime.
  if (Requests.isRequest(envelope) && envelope.over) return count(cell, "rejected")
  Lane.append(lane, envelope)
}

/** Puts back what was put aside. */
export const unstash = (cell: Cell): void => {
  const aside = cell.life?.aside
  if (aside === undefined || aside.size === 0) return
  Lane.moveToFront(aside, (cell.mailbox ??= Lane.make()))
  wake(cell)
}

/** Makes a message for which there is no room a dead letter, and tells its asker. */
const drop = (
  cell: Cell,
  envelope: Lane.Envelope,
  reason: "droppedNewest" | "droppedOldest" | "stashFull"
): void => {
  deadLetter(cell, envelope, reason)
  if (!Requests.isRequest(envelope)) return
  const { capacity } = cell.settings
  Requests.settle(envelope, Exit.fail(new MailboxFull({ actor: pathOf(cell), capacity })))
}

/** Tells the asker of a message that the actor is gone; a tell becomes a dead letter. */
export const discard = (
  cell: Cell,
  envelope: Lane.Envelope,
  reason: "stopped" | "killed"
): void => {
  if (!Requests.isRequest(envelope)) return deadLetter(cell, envelope, reason)
  count(cell, "rejected")
  Requests.settle(envelope, Exit.fail(new ActorStopped({ actor: pathOf(cell), reason })))
}

/** Empties everything when the cell has stopped for ever: `reason` is what askers are told. */
export const discardAll = (cell: Cell, reason: "stopped" | "killed"): void => {
  const { mailbox, more } = cell
  cell.mailbox = undefined
  if (more !== undefined) discardLane(cell, more.urgent, reason)
  if (mailbox !== undefined) discardLane(cell, mailbox, reason)
  if (more === undefined) return
  for (let next = more.waiting.first; next !== undefined; next = more.waiting.first) {
    Lane.remove(more.waiting, next)
    count(cell, "offered")
    discardWaiting(cell, next, reason)
    if (isWaitingTell(next)) cell.system.turns.schedule(next.admitted)
  }
}

const discardLane = (cell: Cell, lane: Lane.Lane, reason: "stopped" | "killed") => {
  for (let next = Lane.shift(lane); next !== undefined; next = Lane.shift(lane)) {
    discardWaiting(cell, next, reason)
  }
}

/** What was not handled yet was not killed: as a dead letter its reason is that the actor stopped. */
const discardWaiting = (cell: Cell, envelope: Lane.Envelope, reason: "stopped" | "killed") =>
  discard(cell, envelope, Requests.isRequest(envelope) ? reason : "stopped")

export const deadLetter = (
  cell: Cell,
  { payload, tag }: Lane.Envelope,
  reason: DeadLetter["reason"],
  cause?: Cause.Cause<unknown>
): void => {
  count(cell, "deadLettered")
  cell.system.deadLetter(cell, { actor: pathOf(cell), tag, payload, reason, cause })
}
