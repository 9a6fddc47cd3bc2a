/** The body of a task that holds something for a while. */
import { Effect } from "effect"
import { turns } from "./turns.ts"

/**
 * Enters, stays for some turns with a check after each, and leaves, however it ends. All functions
 * are plain code, which nothing can interrupt.
 */
export const visit = (options: {
  readonly enter: () => void
  readonly check: Effect.Effect<void>
  readonly leave: () => void
  /** How many turns it stays. */
  readonly stays: number
  readonly fails: boolean
}): Effect.Effect<void, string> =>
  Effect.acquireUseRelease(
    Effect.sync(options.enter),
    () =>
      Effect.andThen(
        turns(options.stays, options.check),
        options.fails ? Effect.fail("no") : Effect.void
      ),
    () => Effect.sync(options.leave)
  )
