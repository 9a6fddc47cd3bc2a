/** What a supervisor can start and stop: an actor, or another supervisor. */
import type * as Duration from "effect/Duration"
import type * as Exit from "effect/Exit"
import type { Reason } from "../Down.ts"
import { type Cell, pathOf } from "./cell.ts"
import type { Frame } from "./requests.ts"
import * as Lifecycle from "./lifecycle.ts"

/** What came of a start: a failure once there is nothing left of it. */
export type Started = Exit.Exit<void, unknown>

/**
 * Orders are calls, carried out before they return: an order that had to wait for its turn could meet
 * another incarnation than it was meant for. `done` may be called within the call.
 */
export interface Unit {
  readonly path: string
  /** Begins an incarnation. */
  readonly start: (done: (started: Started) => void) => void
  /** Ends the incarnation. Mailboxes are kept, unless this is the end for good. */
  readonly halt: (forGood: boolean, done: () => void) => void
  /** Ends what has no incarnation for good. */
  readonly terminate: (reason: Reason) => void
}

/**
 * An actor, which is killed when it takes longer than `grace` to stop. `asker` is the handling that
 * waits for its first start.
 */
export const ofCell = (
  cell: Cell,
  grace: Duration.Duration | "kill",
  asker: Frame | undefined
): Unit => ({
  path: pathOf(cell),
  start: (done) => {
    const waiting = asker
    asker = undefined
    Lifecycle.begin(cell, waiting, done)
  },
  halt: (forGood, done) =>
    Lifecycle.cease(cell, grace, () => {
      if (forGood) Lifecycle.terminate(cell, Lifecycle.lastEnd(cell))
      done()
    }),
  terminate: (reason) => Lifecycle.terminate(cell, reason)
})
