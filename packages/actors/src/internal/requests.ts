/** An ask, from its asker's side: it ends once, with an answer or without. */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { AskTimeout } from "../ActorError.ts"
import { type Cell, count, pathOf } from "./cell.ts"
import type { Expiry } from "./expiries.ts"
import * as Lane from "./lane.ts"
import { admit } from "./waiting.ts"

/** The handling of one message, or one `init`, as the code that it runs sees it. */
export interface Frame {
  readonly cell: Cell
  /** The handling that waits for this one. */
  readonly outer: Frame | undefined
  /** What it asked with; nothing where it spawned this one. */
  readonly request: Request | undefined
  /** False once the handling is over: what it had forked may run on, and nobody waits for that. */
  active: boolean
}

/** A message whose asker waits until it is over. */
export interface Request extends Lane.Envelope, Expiry {
  readonly kind: "ask"
  readonly cell: Cell
  readonly timeout: Duration.Duration
  /** The handling that asks, if one does. */
  readonly asker: Frame | undefined
  readonly resume: (answer: Effect.Effect<unknown, unknown>) => void
  /** Whether its asker is not suspended yet, so that it can be given its answer at once. */
  isNew: boolean
  /** Whether the asker has its answer, or has gone. */
  over: boolean
}

export const make = (
  cell: Cell,
  tag: string,
  payload: unknown,
  timeout: Duration.Duration,
  asker: Frame | undefined,
  resume: Request["resume"]
): Request => ({
  kind: "ask",
  tag,
  payload,
  lane: undefined,
  previous: undefined,
  next: undefined,
  cell,
  timeout,
  asker,
  resume,
  isNew: true,
  over: false,
  onExpiry: expire,
  // As in `Expiries.idle`: spread, they would cost as much as all the others.
  expiresAt: 0,
  bucket: undefined,
  earlier: undefined,
  later: undefined
})

export const isRequest = (envelope: Lane.Envelope): envelope is Request => envelope.kind === "ask"

/** Lets a request end with `AskTimeout` when its time is up. */
export const startTimeout = (request: Request): void => {
  if (!Duration.isFinite(request.timeout)) return
  const millis = Math.max(0, Duration.toMillis(request.timeout))
  request.cell.system.expiries.enter(request, millis)
}

const expire = (entry: Expiry): void => {
  const request = entry as Request
  const { cell, tag, timeout } = request
  // Its asker goes on in its own turn: nothing that follows depends on what it does.
  const answer = Exit.fail(new AskTimeout({ actor: pathOf(cell), tag, timeout }))
  abandon(request)
  cell.system.turns.schedule(() => request.resume(answer))
}

/** Gives the asker its answer, if it still waits for one. */
export const settle = (request: Request, answer: Exit.Exit<unknown, unknown>): void => {
  if (request.over) return
  request.over = true
  if (request.isNew) return request.resume(answer)
  const { system } = request.cell
  system.expiries.leave(request)
  system.turns.schedule(() => request.resume(answer))
}

/** The asker has gone: takes the request out of its line, or interrupts its handler. */
export const abandon = (request: Request): void => {
  if (request.over) return
  request.over = true
  const { cell, lane } = request
  cell.system.expiries.leave(request)
  if (lane === undefined) {
    if (cell.current === request) cell.fiber?.interruptUnsafe()
    return
  }
  Lane.remove(lane, request)
  // One that still waited for room was never offered.
  if (lane === cell.more?.waiting) return
  count(cell, "rejected")
  admit(cell)
}
