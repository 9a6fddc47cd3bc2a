/** Senders that wait for room in a mailbox, in order of arrival. */
import { type Cell, count } from "./cell.ts"
import * as Lane from "./lane.ts"

/** A tell whose sender waits for room. The asker of an ask waits for its answer anyway. */
export interface WaitingTell extends Lane.Envelope {
  /** Lets the sender go on; called in a turn of its own. */
  readonly admitted: () => void
}

export const isWaitingTell = (envelope: Lane.Envelope): envelope is WaitingTell =>
  "admitted" in envelope

/** Offers the one that waits longest, if there is room: each who makes some calls this. */
export const admit = (cell: Cell): void => {
  const { mailbox, more } = cell
  if (mailbox === undefined || more === undefined) return
  const envelope = more.waiting.first
  if (envelope === undefined || mailbox.size >= cell.settings.capacity) return
  Lane.remove(more.waiting, envelope)
  count(cell, "offered")
  Lane.append(mailbox, envelope)
  if (isWaitingTell(envelope)) cell.system.turns.schedule(envelope.admitted)
}
