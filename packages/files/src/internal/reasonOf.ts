import * as Inspectable from "effect/Inspectable"
import * as Predicate from "effect/Predicate"

/** What the system said, in one line: the innermost message of an error and its causes. */
export const reasonOf = (error: unknown): string => {
  let at = error
  while (Predicate.hasProperty(at, "cause") && Predicate.isError(at.cause)) at = at.cause
  return Predicate.isError(at) ? at.message : Inspectable.toStringUnknown(at, 0)
}
