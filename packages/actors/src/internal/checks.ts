/** Options that make no sense are defects: bugs of the program that gives them. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"

/**
 * Defect raised when an option is out of its range. Nothing was done.
 *
 * @since 0.1.0
 */
export class InvalidOption extends Data.TaggedError("InvalidOption")<{
  readonly option: string
  readonly given: unknown
  readonly expected: string
}> {
  override get message(): string {
    return `${this.option} is ${String(this.given)}: give ${this.expected}`
  }
}

// These throw, and are called where an effect begins: there what is thrown is its defect.

/** An integer from 1. */
export const count = (option: string, given: number): number => {
  if (Number.isSafeInteger(given) && given >= 1) return given
  throw new InvalidOption({ option, given, expected: "an integer from 1" })
}

/** A duration that is not negative. */
export const duration = (option: string, given: Duration.Input): Duration.Duration => {
  const duration = Duration.fromInputUnsafe(given)
  if (!Duration.isNegative(duration)) return duration
  throw new InvalidOption({ option, given, expected: "a duration from zero" })
}

/** The milliseconds of a finite duration that is more than zero. */
export const interval = (option: string, given: Duration.Input): number => {
  const millis = Duration.toMillis(given)
  if (millis > 0 && Number.isFinite(millis)) return millis
  throw new InvalidOption({ option, given, expected: "a finite duration of more than zero" })
}

/** One of some names. */
export const oneOf = <A extends string>(option: string, given: A, names: ReadonlyArray<A>): A => {
  if (names.includes(given)) return given
  throw new InvalidOption({ option, given, expected: names.join(", ") })
}
