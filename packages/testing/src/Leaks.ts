/**
 * Finds what a program leaves behind when it ends: fibers that still run, timers that still wait.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * What was still there when a program had ended.
 *
 * @since 0.1.0
 */
export class LeftBehind extends Data.TaggedError("LeftBehind")<{
  /** Fibers that had not ended, by name. */
  readonly fibers: ReadonlyArray<string>
  /** Sleeps that had not ended, by the name of the fiber that sleeps. */
  readonly timers: ReadonlyArray<string>
}> {
  override get message(): string {
    const fibers = this.fibers.map((name) => `  ${name}, running`)
    const timers = this.timers.map((name) => `  a timer of ${name}`)
    return [
      "The program has ended, and left behind:",
      ...fibers,
      ...timers,
      "Interrupt and await them, or fork them into a scope that closes."
    ].join("\n")
  }
}
