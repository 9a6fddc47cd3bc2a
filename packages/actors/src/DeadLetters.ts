/**
 * Messages that nobody will handle, each with the reason.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * A message that nobody will handle.
 *
 * @since 0.1.0
 */
export interface DeadLetter {
  /** The path of the actor that it was for. */
  readonly actor: string
  readonly tag: string
  readonly payload: unknown
  readonly reason:
    | "stopped"
    | "killed"
    | "crashed"
    | "droppedNewest"
    | "droppedOldest"
    | "stashFull"
  /** What its handler died of, when it was the message that crashed the actor. */
  readonly cause: Cause.Cause<unknown> | undefined
}

/**
 * The dead letters of a system.
 *
 * @since 0.1.0
 */
export class DeadLetters extends Context.Service<
  DeadLetters,
  {
    /** The newest dead letters, oldest first. */
    readonly all: Effect.Effect<ReadonlyArray<DeadLetter>>
  }
>()("@fibra/actors/DeadLetters") {}
