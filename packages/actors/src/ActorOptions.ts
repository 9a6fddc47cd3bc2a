/**
 * How one actor is made.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/**
 * What happens to one more message when a mailbox is full: its sender waits for room, its sender
 * fails with `MailboxFull`, it becomes a dead letter, or the oldest one becomes one to make room.
 *
 * @since 0.1.0
 */
export type Overflow = "suspend" | "fail" | "dropNewest" | "dropOldest"

/**
 * How one actor is made.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Its name in paths; need not be unique. Default: the id of the actor. */
  readonly name?: string | undefined
  /** Messages that may wait, an integer from 1. Default: 10,000. */
  readonly capacity?: number | undefined
  /** What happens to one more. Default: `"suspend"`. */
  readonly overflow?: Overflow | undefined
  /** How long a stop waits for the current message until it is interrupted. Default: 5 seconds. */
  readonly shutdown?: Duration.Input | undefined
  /** Stops the actor once it had nothing to do for this long. Default: never. */
  readonly idle?: Duration.Input | undefined
}

/**
 * Defect raised when an option is out of its range. Nothing was done.
 *
 * @since 0.1.0
 */
export { InvalidOption } from "./internal/checks.ts"
