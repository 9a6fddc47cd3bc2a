/** How many tasks may run at once: the option shared by everything that starts tasks. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/** A positive integer, or `"unbounded"`. */
export type Concurrency = number | "unbounded"

/**
 * Defect raised when `concurrency` is neither a positive integer nor `"unbounded"`.
 *
 * @since 0.1.0
 */
export class InvalidConcurrency extends Data.TaggedError("InvalidConcurrency")<{
  readonly concurrency: unknown
}> {
  override get message(): string {
    return `concurrency is ${String(this.concurrency)}: give a positive integer or "unbounded"`
  }
}

/** The limit as a number, `Infinity` when unbounded; dies with `InvalidConcurrency`. */
export const limit = (concurrency: Concurrency = "unbounded"): Effect.Effect<number> => {
  if (concurrency === "unbounded") return Effect.succeed(Infinity)
  return Number.isInteger(concurrency) && concurrency >= 1
    ? Effect.succeed(concurrency)
    : Effect.die(new InvalidConcurrency({ concurrency }))
}
