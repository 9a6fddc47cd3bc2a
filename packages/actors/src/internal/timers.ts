/** Messages that a cell sends itself when it is time. */
import type { When } from "../Behavior.ts"
import * as Duration from "effect/Duration"
import type { Cell } from "./cell.ts"
import * as Checks from "./checks.ts"
import * as Expiries from "./expiries.ts"
import type { Expiry } from "./expiries.ts"
import type { Envelope } from "./lane.ts"
import * as Mailbox from "./mailbox.ts"

/** A timer, whose message is in the mailbox at most once. */
export interface Timer extends Expiry {
  readonly cell: Cell
  readonly tag: string
  readonly payload: unknown
  readonly millis: number
  /** Whether it begins again by itself. */
  readonly repeats: boolean
  /** When it was to expire last. */
  due: number
  /** Its last message; in a lane while it waits. */
  tick: Envelope | undefined
}

/** The timer that a handler described. */
export const fromWhen = (cell: Cell, when: When, tag: string, payload: unknown): Timer => {
  const repeats = "every" in when
  const millis = repeats
    ? Checks.interval("every", when.every)
    : Duration.toMillis(Checks.duration("after", when.after))
  return {
    cell,
    tag,
    payload,
    millis,
    repeats,
    due: 0,
    tick: undefined,
    onExpiry: expire,
    ...Expiries.idle
  }
}

/** Lets a timer expire once more after its time. */
export const start = (timer: Timer): void => {
  const { expiries } = timer.cell.system
  expiries.enter(timer, timer.millis)
  timer.due = timer.expiresAt
}

/** Stops a timer: its message is not handled any more either. */
export const cancel = (timer: Timer): void => {
  timer.cell.system.expiries.leave(timer)
  if (timer.tick !== undefined) Mailbox.withdraw(timer.cell, timer.tick)
}

/** Whether nothing can come of a timer any more. */
export const isOver = ({ bucket, tick }: Timer): boolean =>
  bucket === undefined && tick?.lane === undefined

const expire = (entry: Expiry): void => {
  const timer = entry as Timer
  const { cell, payload, tag } = timer
  if (timer.tick?.lane === undefined) {
    timer.tick = Mailbox.envelope("tick", tag, payload)
    Mailbox.offerOwn(cell, timer.tick)
  }
  if (timer.repeats) repeat(timer)
}

/** Keeps the beat: a turn that came late does not move the later ones. Missed ones are left out. */
const repeat = (timer: Timer): void => {
  const { expiries } = timer.cell.system
  const now = expiries.now()
  const next = timer.due + timer.millis
  timer.due = next > now ? next : now + timer.millis
  expiries.enter(timer, timer.millis, timer.due)
}

/** Stops a cell that had nothing to do for some time. */
export interface IdleStop extends Expiry {
  readonly cell: Cell
}

export const idleStop = (cell: Cell, stop: (cell: Cell) => void): IdleStop => ({
  cell,
  onExpiry: () => stop(cell),
  ...Expiries.idle
})
