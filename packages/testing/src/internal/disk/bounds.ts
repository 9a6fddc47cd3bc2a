/** The ranges of options. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/** Defect raised when an option is out of its range. @since 0.1.0 */
export class OptionOutOfRange extends Data.TaggedError("OptionOutOfRange")<{
  readonly option: string
  readonly value: number
  readonly range: string
}> {
  override get message(): string {
    return `${this.option} is ${this.value}: give ${this.range}`
  }
}

export interface Bound {
  readonly option: string
  readonly value: number | undefined
  readonly range: string
  readonly holds: (value: number) => boolean
}

/** A whole number, or infinity. */
export const whole = (option: string, value: number | undefined, least: number): Bound => ({
  option,
  value,
  range: `a whole number of at least ${least}`,
  holds: (value) => value >= least && (value === Infinity || Number.isInteger(value))
})

export const share = (option: string, value: number | undefined): Bound => ({
  option,
  value,
  range: "a number from 0 to 1",
  holds: (value) => value >= 0 && value <= 1
})

/** Dies of the first that is given and does not hold. */
export const check = (bounds: ReadonlyArray<Bound>): Effect.Effect<void> => {
  for (const { holds, option, range, value } of bounds) {
    if (value !== undefined && !holds(value)) {
      return Effect.die(new OptionOutOfRange({ option, value, range }))
    }
  }
  return Effect.void
}
