/** Compares what was measured with the budgets. */
import { quickSize, type Result } from "./harness.ts"
import type { Goal, Measure, Point } from "./workload.ts"

export interface Verdict {
  readonly goal: Goal
  readonly measure: Measure
  /** None: one of the contenders was not measured. */
  readonly measured: number | undefined
  readonly met: boolean | undefined
}

/** One verdict for each goal whose workloads were run. */
export const judge = (
  goals: ReadonlyArray<Goal>,
  results: ReadonlyArray<Result>,
  options: { readonly quick: boolean }
): ReadonlyArray<Verdict> => {
  const resultOf = (point: Point) =>
    results.find(({ workload }) => workload.name === point.workload)
  const cellAt = (point: Point) => {
    const at = options.quick ? quickSize(point.size) : point.size
    return resultOf(point)?.cells.find(
      ({ contender, size }) => contender === point.contender && size === at
    )
  }
  const valueAt = (point: Point, limit: Goal["limit"]) => {
    const cell = cellAt(point)
    if (point.fact === undefined || cell?.value === undefined) return cell?.value?.median
    const values = cell.samples.map(({ facts }) => facts![point.fact!]!)
    return "atLeast" in limit ? Math.min(...values) : Math.max(...values)
  }
  return goals.flatMap((goal) => {
    const measure = resultOf(goal.value)?.workload.measure
    if (measure === undefined) return []
    const value = valueAt(goal.value, goal.limit)
    const over = goal.over === undefined ? 1 : valueAt(goal.over, goal.limit)
    const measured = value === undefined || over === undefined ? undefined : value / over
    const met = measured === undefined ? undefined : keeps(goal.limit, measured)
    return [{ goal, measure, measured, met }]
  })
}

const keeps = (limit: Goal["limit"], measured: number): boolean =>
  "atLeast" in limit ? measured >= limit.atLeast : measured <= limit.atMost
