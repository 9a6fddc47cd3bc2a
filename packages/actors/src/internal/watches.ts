/** A cell that is told, by a message, when another one is gone. */
import type { Down, Reason } from "../Down.ts"
import { type Cell, more, pathOf } from "./cell.ts"
import type { Envelope } from "./lane.ts"
import * as Mailbox from "./mailbox.ts"

export interface Watch {
  /** Nothing comes of it from now on. */
  readonly end: () => void
  /** Whether nothing can come of it any more: its message was handled. */
  readonly isOver: () => boolean
}

/** Calls `watcher` once when the cell is gone, now if it is; the result ends the watch. */
export const observe = (cell: Cell, watcher: (down: Down) => void): (() => void) => {
  const down = (reason: Reason) => watcher({ path: pathOf(cell), id: cell.id, reason })
  if (cell.status === "stopped") {
    down({ _tag: "NotFound" })
    return () => {}
  }
  const key = {}
  const { watchers } = more(cell)
  watchers.set(key, down)
  return () => {
    watchers.delete(key)
  }
}

type Payload = (down: Down) => unknown

/** Has `watcher` sent a message when `target` is gone. */
export const begin = (watcher: Cell, target: Cell, tag: string, payload: Payload): Watch => {
  let message: Envelope | undefined
  const stop = observe(target, (down) => {
    message = send(watcher, tag, payload, down)
  })
  return {
    end: () => {
      stop()
      if (message !== undefined) Mailbox.withdraw(watcher, message)
    },
    isOver: () => message !== undefined && message.lane === undefined
  }
}

/** Has it sent one now: what it would watch is no actor of this process. */
export const notFound = (
  watcher: Cell,
  { id, path }: { readonly id: number; readonly path: string },
  tag: string,
  payload: Payload
): Watch => {
  const message = send(watcher, tag, payload, { path, id, reason: { _tag: "NotFound" } })
  return {
    end: () => Mailbox.withdraw(watcher, message),
    isOver: () => message.lane === undefined
  }
}

const send = (watcher: Cell, tag: string, payload: Payload, down: Down): Envelope => {
  const message: Mailbox.DownEnvelope = {
    kind: "down",
    tag,
    payload: down,
    makePayload: () => payload(down),
    lane: undefined,
    previous: undefined,
    next: undefined
  }
  Mailbox.offerUrgent(watcher, message)
  return message
}
