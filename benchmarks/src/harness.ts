/** Runs the contenders of a workload side by side, and sums up what each has needed. */
import type { Sample } from "./meter.ts"
import { type Outcome, sizesOf, start } from "./process.ts"
import { summarize, type Summary } from "./statistics.ts"
import type { Measure, Runtimes, Workload } from "./workload.ts"

/** One contender at one size. */
export interface Cell {
  readonly contender: string
  readonly size: number
  readonly note: string | undefined
  readonly samples: ReadonlyArray<Sample>
  /** Seconds, bytes (in `memory`) for one operation; seconds in `lag`. None: it was not measured. */
  readonly value: Summary | undefined
  /** Why it was not measured. */
  readonly problem: { readonly kind: "notInstalled" | "failed"; readonly text: string } | undefined
}

export interface Result {
  readonly workload: Workload
  readonly cells: ReadonlyArray<Cell>
}

/**
 * The order of the processes: A B C A B C …, and not A A B B C C. What slows the machine down for a
 * while then slows all contenders down, and the medians leave it out.
 */
export const interleave = (workload: Workload, runs: number): ReadonlyArray<Turn> =>
  Array.from({ length: runs }, (_, run) =>
    Object.entries(workload.contenders)
      .filter(([, { runsMax = Infinity }]) => run < runsMax)
      .map(([contender]) => ({ run: run + 1, contender }))
  ).flat()

export interface Turn {
  readonly run: number
  readonly contender: string
}

/** Smaller sizes, for a look at whether everything runs: the numbers mean nothing. */
export const quick = (workload: Workload): Workload => ({
  ...workload,
  sizes: workload.sizes.map(quickSize),
  operationsMin: quickSize(workload.operationsMin),
  contenders: Object.fromEntries(
    Object.entries(workload.contenders).map(([name, contender]) => [
      name,
      contender.sizes ? { ...contender, sizes: contender.sizes.map(quickSize) } : contender
    ])
  )
})

export const quickSize = (size: number): number => Math.ceil(size / 10)

export const runWorkload = async (
  workload: Workload,
  options: Runtimes & {
    readonly runs: number
    readonly onTurn?: (turn: Turn) => void
  }
): Promise<Result> => {
  const names = Object.keys(workload.contenders)
  const outcomes = new Map(names.map((name) => [name, new Array<ReadonlyArray<Outcome>>()]))
  for (const turn of interleave(workload, options.runs)) {
    const earlier = outcomes.get(turn.contender)!
    // What is absent, or does not do the work, is not asked again.
    if (earlier.flat().some(({ _tag }) => _tag !== "sample")) continue
    options.onTurn?.(turn)
    earlier.push(await start(workload, turn.contender, options))
  }
  const cells = names.flatMap((contender) =>
    sizesOf(workload, contender).map((size, index) => ({
      contender,
      size,
      note: workload.contenders[contender]!.note,
      ...sumUp(
        workload.measure,
        outcomes.get(contender)!.map((run) => run[index]!)
      )
    }))
  )
  return { workload, cells: cells.toSorted((a, b) => a.size - b.size) }
}

/** One sample that failed makes all of them worthless. */
const sumUp = (
  measure: Measure,
  outcomes: ReadonlyArray<Outcome>
): Pick<Cell, "samples" | "value" | "problem"> => {
  const samples = outcomes.flatMap((outcome) => (outcome._tag === "sample" ? [outcome.sample] : []))
  const missing = outcomes.find((outcome) => outcome._tag !== "sample")
  if (missing === undefined) {
    const value = summarize(samples.map((sample) => valueOf(measure, sample)))
    return { samples, value, problem: undefined }
  }
  const problem = { kind: missing._tag, text: missing.text }
  return { samples, value: undefined, problem }
}

const valueOf = (measure: Measure, sample: Sample): number => {
  switch (measure) {
    case "wall":
    case "program":
      return sample.wallSeconds / sample.done
    case "cpu":
      return sample.cpuSeconds / sample.done
    case "memory":
      return sample.residentBytes! / sample.done
    case "lag":
      return sample.lagSeconds!
    case "race":
      return sample.wallSeconds
  }
}
