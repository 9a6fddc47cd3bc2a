/** The body of a task that holds something for a while. */
import { Effect } from "effect"

/**
 * Enters, stays for some turns with a check after each, and leaves, however it ends. All functions
 * are plain code, which nothing can interrupt.
 */
export const visit = (options: {
  readonly enter: () => void
  readonly check: Effect.Effect<void>
  readonly leave: () => void
  readonly turns: number
  readonly fails: boolean
}): Effect.Effect<void, string> => {
  const turn = Effect.andThen(Effect.yieldNow, options.check)
  return Effect.acquireUseRelease(
    Effect.sync(options.enter),
    () =>
      Effect.andThen(
        Effect.repeat(turn, { times: options.turns }),
        options.fails ? Effect.fail("no") : Effect.void
      ),
    () => Effect.sync(options.leave)
  )
}
