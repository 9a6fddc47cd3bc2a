/** What happens to a message between its offer and its handler. */
import { ActorStopped, MailboxFull } from "../ActorError.ts"
import * as Exit from "effect/Exit"
import { type Cell, more, pathOf, type Request, wake } from "./cell.ts"
import * as Lane from "./lane.ts"
import * as Requests from "./requests.ts"

/** What came of an offer: `waiting` is in line for room, `full` and `stopped` were not taken. */
export type Offered = "taken" | "waiting" | "full" | "stopped"

export const tell = (tag: string, payload: unknown): Lane.Envelope => ({
  kind: "tell",
  tag,
  payload,
  lane: undefined,
  previous: undefined,
  next: undefined
})

/** Offers a message. With `mayWait` a full mailbox lets it wait for room. */
export const offer = (cell: Cell, envelope: Lane.Envelope, mayWait: boolean): Offered => {
  if (cell.status === "stopped") {
    cell.offered++
    return "stopped"
  }
  const mailbox = (cell.mailbox ??= Lane.make())
  if (mailbox.size >= cell.settings.capacity) return overflow(cell, mailbox, envelope, mayWait)
  cell.offered++
  Lane.append(mailbox, envelope)
  if (!cell.awake) wake(cell)
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
  cell.offered++
  if (overflow === "dropNewest") {
    discard(cell, envelope, "droppedNewest")
    return "taken"
  }
  if (overflow === "dropOldest") {
    discard(cell, Lane.shift(mailbox)!, "droppedOldest")
    Lane.append(mailbox, envelope)
    return "taken"
  }
  cell.rejected++
  return "full"
}

/** The next message to handle; lets the first sender that waits for room in. */
export const take = (cell: Cell): Lane.Envelope | undefined => {
  const { mailbox } = cell
  if (mailbox === undefined || mailbox.first === undefined) return undefined
  const envelope = Lane.shift(mailbox)
  const waiting = cell.more?.waiting
  if (waiting !== undefined && waiting.size > 0) admit(cell, mailbox, waiting)
  return envelope
}

/** A tell whose sender waits for room. */
export interface WaitingTell extends Lane.Envelope {
  readonly admitted: () => void
}

const isWaitingTell = (envelope: Lane.Envelope): envelope is WaitingTell => "admitted" in envelope

const admit = (cell: Cell, mailbox: Lane.Lane, waiting: Lane.Lane) => {
  while (waiting.first !== undefined && mailbox.size < cell.settings.capacity) {
    const envelope = waiting.first
    Lane.remove(waiting, envelope)
    cell.offered++
    Lane.append(mailbox, envelope)
    if (isWaitingTell(envelope)) cell.system.turns.schedule(envelope.admitted)
  }
}

/** Makes a message a dead letter, and tells its asker. */
export const discard = (
  cell: Cell,
  envelope: Lane.Envelope,
  reason: "stopped" | "killed" | "droppedNewest" | "droppedOldest"
): void => {
  cell.deadLettered++
  cell.system.deadLetter(cell, envelope, reason)
  if (envelope.kind !== "ask") return
  Requests.settle(
    envelope as Request,
    Exit.fail(
      reason === "stopped" || reason === "killed"
        ? new ActorStopped({ actor: pathOf(cell), reason })
        : new MailboxFull({ actor: pathOf(cell), capacity: cell.settings.capacity })
    )
  )
}

/** Empties everything when the cell has stopped for ever. */
export const discardAll = (cell: Cell, reason: "stopped" | "killed"): void => {
  const { mailbox } = cell
  cell.mailbox = undefined
  for (
    let next = mailbox?.first;
    mailbox !== undefined && next !== undefined;
    next = mailbox.first
  ) {
    Lane.remove(mailbox, next)
    discard(cell, next, reason)
  }
  const waiting = cell.more?.waiting
  for (
    let next = waiting?.first;
    waiting !== undefined && next !== undefined;
    next = waiting.first
  ) {
    Lane.remove(waiting, next)
    cell.offered++
    discard(cell, next, reason)
    if (isWaitingTell(next)) cell.system.turns.schedule(next.admitted)
  }
}
