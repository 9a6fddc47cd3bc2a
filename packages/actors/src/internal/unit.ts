/** What a supervisor can start and stop: an actor, or another supervisor. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { Reason } from "../Down.ts"
import { type Cell, pathOf } from "./cell.ts"
import * as Lifecycle from "./lifecycle.ts"

export interface Unit {
  readonly path: string
  /** Begins an incarnation; succeeds with the failure once there is nothing left of it. */
  readonly start: Effect.Effect<Exit.Exit<void, unknown>>
  /** Ends the incarnation. Mailboxes are kept, unless this is the end for good. */
  readonly halt: (forGood: boolean) => Effect.Effect<void>
  /** Ends what has no incarnation for good. */
  readonly terminate: (reason: Reason) => void
}

/** An actor, which is killed when it takes longer than `grace` to stop. */
export const ofCell = (cell: Cell, grace: Duration.Duration | "kill"): Unit => ({
  path: pathOf(cell),
  start: Lifecycle.start(cell),
  halt: (forGood) => {
    const halted = Lifecycle.halt(cell, grace)
    if (!forGood) return halted
    return Effect.map(halted, () => Lifecycle.terminate(cell, { _tag: "Stopped" }))
  },
  terminate: (reason) => Lifecycle.terminate(cell, reason)
})
