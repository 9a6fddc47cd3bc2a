/** Priorities: any number, `Infinity` included, except `NaN`, which compares with nothing. */
import * as Data from "effect/Data"

/** Defect raised when a priority is `NaN`, which has no place in an order. */
export class PriorityNotANumber extends Data.TaggedError("PriorityNotANumber") {
  override get message(): string {
    return "priority is NaN: give a number, higher goes first"
  }
}
