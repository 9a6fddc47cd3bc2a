/**
 * How an actor ended: what those who watch it are told, once.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"

/**
 * Why an actor is gone. A crashed actor that is started again is not gone.
 *
 * `Stopped`: it stopped itself, was stopped, or the Scope that it lived in closed. `Killed`: what it
 * did was interrupted, and then it stopped. `Crashed`: a handler or `init` died, and nobody started
 * it again. `NotFound`: there was no such actor when the watch began.
 *
 * @since 0.1.0
 */
export type Reason =
  | { readonly _tag: "Stopped" }
  | { readonly _tag: "Killed" }
  | { readonly _tag: "Crashed"; readonly cause: Cause.Cause<unknown> }
  | { readonly _tag: "NotFound" }

/**
 * An actor is gone.
 *
 * @since 0.1.0
 */
export interface Down {
  readonly path: string
  readonly id: number
  readonly reason: Reason
}
