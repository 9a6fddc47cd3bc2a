/** Holds the traces of a rule against each other. */
import { diff } from "node:util"
import type { Trace } from "./traces.ts"

/** The lines of one trace turned into another: `-` only in the first, `+` only in the second. */
export const difference = (from: Trace, to: Trace): ReadonlyArray<string> =>
  diff([...from], [...to]).map(
    ([side, line]) => `${side === 0 ? " " : side > 0 ? "-" : "+"} ${line}`
  )

const equal = (left: Trace, right: Trace): boolean =>
  left.length === right.length && left.every((line, index) => line === right[index])

/**
 * What is wrong with a rule, in words and lines: nothing when Fibra's trace is Python's, or the
 * listed one where a difference is listed.
 */
export const problems = (traces: {
  /** Printed just now, if a Python runs. */
  readonly python: Trace | undefined
  readonly recorded: Trace
  /** What Fibra is to print where it differs. */
  readonly listed: Trace | undefined
  readonly fibra: Trace
}): ReadonlyArray<string> => {
  const { fibra, listed, python, recorded } = traces
  const expected = listed ?? recorded
  return [
    ...(python === undefined || equal(recorded, python)
      ? []
      : ["Python (+) does not print what was recorded (-):", ...difference(recorded, python)]),
    ...(listed !== undefined && equal(recorded, listed)
      ? ["a difference is listed, and there is none"]
      : []),
    ...(equal(expected, fibra)
      ? []
      : [
          `Fibra (+) does not print what ${listed === undefined ? "Python prints" : "is listed"} (-):`,
          ...difference(expected, fibra)
        ])
  ]
}
