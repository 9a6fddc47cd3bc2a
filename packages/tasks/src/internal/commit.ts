/**
 * Takes something out and hands it over in one step.
 *
 * Hazard: between two steps of a fiber an interrupt can land. An item taken out in one step and
 * returned in the next is lost with its receiver. `Effect.sync` is the one operation whose value
 * reaches the continuation in the same step; it cannot wait, so where it finds nothing it throws.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"

/** Runs `attempt`; when it calls {@link giveUp}, goes on with `otherwise` instead. */
export const commit = <A, E>(
  attempt: () => A,
  otherwise: () => Effect.Effect<A, E>
): Effect.Effect<A, E> => Effect.catchCauseIf(Effect.sync(attempt), isNothing, otherwise)

const isNothing = <E>(cause: Cause.Cause<E>): boolean =>
  cause.reasons.some((reason) => reason._tag === "Die" && reason.defect === nothing)

/** Says that what was there when the attempt was prepared is gone. */
export const giveUp = (): never => {
  throw nothing
}

const nothing = new Error("somebody else was faster")
