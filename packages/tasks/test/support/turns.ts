/** Lets others run. */
import { Effect } from "effect"

/** Gives the others so many turns, and runs `check` after each. */
export const turns = (
  times: number,
  check: Effect.Effect<void> = Effect.void
): Effect.Effect<void> =>
  Effect.replicateEffect(Effect.andThen(Effect.yieldNow, check), times, { discard: true })
