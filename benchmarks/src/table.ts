/** Results as Markdown. */
import type { Verdict } from "./goals.ts"
import { bytes, count, digits, duration, gibibytes, mebibytes, seconds, times } from "./format.ts"
import type { Cell, Result } from "./harness.ts"
import type { Machine } from "./machine.ts"
import type { Sample } from "./meter.ts"
import { pythonPackages, type PythonVersion } from "./python.ts"
import { summarize, type Summary } from "./statistics.ts"
import { growthLimit, type Measure } from "./workload.ts"

export const machineList = (machine: Machine, runs: number): string => {
  const { erlang, pythons } = machine
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`)
  return [
    `- machine: ${machine.cpu}, ${machine.cores} cores, ${gibibytes(machine.memoryBytes)}`,
    `- system: ${machine.os}, load before the start ${machine.load.toFixed(2)}`,
    `- node ${machine.node}; ${packages.join(", ")}`,
    pythons.length === 0
      ? "- no python3: the rows of Python are empty"
      : `- the first that has what a contender needs: ${pythons.map(pythonText).join("; ")}`,
    erlang === null ? "- no erl: the rows of Erlang are empty" : `- Erlang/OTP ${erlang.otp}`,
    `- commit ${machine.commit}`,
    `- \`${machine.command}\`: runs: ${runs}, interleaved, each in a new process; medians (min..max)`
  ].join("\n")
}

const pythonText = ({ command, packages, version }: PythonVersion): string =>
  [
    `${command} ${version}`,
    ...pythonPackages.map((name) => `${name} ${packages[name] ?? "not installed"}`)
  ].join(", ")

export const workloadTable = ({ cells, workload }: Result): string => {
  const columns = [...columnsOf[workload.measure], ...factColumns(cells)]
  const rows = cells.filter(isShown).map((cell) => {
    const ours = cells.find(
      ({ contender, size }) => contender === workload.baseline && size === cell.size
    )
    return [
      cell.contender,
      count(cell.size),
      ...columns.map(([, show], index) =>
        cell.problem === undefined ? show(cell) : index === 0 ? problemText(cell.problem) : ""
      ),
      ratio(cell.value, ours?.value),
      growth(cell, cells)
    ]
  })
  const titles = columns.map(([title]) => title)
  const notes = new Set(
    cells.flatMap(({ contender, note }) => (note === undefined ? [] : `- ${contender}: ${note}`))
  )
  return [
    `### ${workload.name}`,
    workload.work,
    table(["contender", "n", ...titles, `÷ ${workload.baseline}`, "growth"], rows),
    ...(notes.size === 0 ? [] : [[...notes].join("\n")])
  ].join("\n\n")
}

/** What is not installed has one row, and not one for each size. */
const isShown = (
  { contender, problem }: Cell,
  index: number,
  cells: ReadonlyArray<Cell>
): boolean =>
  problem?.kind !== "notInstalled" ||
  index === cells.findIndex((other) => other.contender === contender)

export const goalTable = (verdicts: ReadonlyArray<Verdict>): string =>
  table(
    ["work", "goal", "measured", "met"],
    verdicts.map((verdict) => [
      `${verdict.goal.value.workload}, ${count(verdict.goal.value.size)}`,
      goalText(verdict),
      verdict.measured === undefined ? "not measured" : quantity(verdict, verdict.measured),
      verdict.met === undefined ? "?" : verdict.met ? "yes" : "MISSED"
    ])
  )

const goalText = (verdict: Verdict): string => {
  const { limit, over, value } = verdict.goal
  const [bound, amount] =
    "atLeast" in limit ? ["at least", limit.atLeast] : ["at most", limit.atMost]
  const costs = `${bound} ${quantity(verdict, amount)}`
  if (value.fact !== undefined) return `${value.contender}, ${value.fact}: ${costs}`
  if (over === undefined) return `${value.contender}: ${costs}`
  return over.contender === value.contender
    ? `${value.contender} at ${count(value.size)} costs ${costs} that at ${count(over.size)}`
    : `${value.contender} costs ${costs} ${over.contender}`
}

const quantity = ({ goal, measure }: Verdict, amount: number): string => {
  if (goal.over !== undefined) return times(amount)
  return goal.value.fact === undefined ? unitOf[measure](amount) : digits(amount)
}

const unitOf: Readonly<Record<Measure, (value: number) => string>> = {
  wall: duration,
  cpu: duration,
  memory: bytes,
  lag: duration,
  program: duration,
  race: seconds
}

const median =
  (pick: (sample: Sample) => number | null, show: (value: number) => string) =>
  ({ samples }: Cell): string => {
    const values = samples.map(pick).filter((value) => value !== null)
    return values.length === 0 ? "" : show(summarize(values).median)
  }

/** What a process needed on top of its size before the first round. */
const grown = ({ peakBytes, startBytes }: Sample): number => peakBytes - startBytes

const spreadOf =
  (pick: (sample: Sample) => number | undefined, show: (value: number) => string) =>
  ({ samples }: Cell): string => {
    const values = samples.map(pick).filter((value) => value !== undefined)
    return values.length === 0 ? "" : spread(summarize(values), show)
  }

/** One column for each fact that any contender of a workload has counted. */
const factColumns = (cells: ReadonlyArray<Cell>): ReadonlyArray<Column> => {
  const samples = cells.flatMap(({ samples }) => samples)
  const titles = new Set(samples.flatMap(({ facts = {} }) => Object.keys(facts)))
  return [...titles].map((title) => [title, spreadOf(({ facts }) => facts?.[title], digits)])
}

type Column = readonly [title: string, show: (cell: Cell) => string]

/** The first column is the one that is compared. */
const columnsOf: Readonly<Record<Measure, ReadonlyArray<Column>>> = {
  wall: [
    ["time for one", ({ value }) => spread(value, duration)],
    ["CPU for one", median(({ cpuSeconds, done }) => cpuSeconds / done, duration)],
    ["memory at its peak", median(grown, mebibytes)]
  ],
  cpu: [
    ["CPU for one", ({ value }) => spread(value, duration)],
    ["time for all", median(({ wallSeconds }) => wallSeconds, duration)],
    ["memory at its peak", median(grown, mebibytes)]
  ],
  memory: [
    ["resident for one", ({ value }) => spread(value, bytes)],
    ["heap for one", median(({ done, heapBytes }) => heapBytes && heapBytes / done, bytes)]
  ],
  lag: [
    ["timer late by, p99", ({ value }) => spread(value, duration)],
    ["time for one", median(({ done, wallSeconds }) => wallSeconds / done, duration)]
  ],
  program: [
    ["whole process", spreadOf(({ wallSeconds }) => wallSeconds, seconds)],
    ["n/s", median(({ done, wallSeconds }) => done / wallSeconds, digits)],
    ["CPU", spreadOf(({ cpuSeconds }) => cpuSeconds, seconds)],
    ["peak memory", median(({ peakBytes }) => peakBytes, mebibytes)]
  ],
  race: [["time for all", ({ value }) => spread(value, seconds)]]
}

const ratio = (value: Summary | undefined, ours: Summary | undefined): string =>
  value === undefined || ours === undefined ? "" : times(value.median / ours.median)

/** The cost of one operation at the largest size, by that at the smallest. */
const growth = (cell: Cell, cells: ReadonlyArray<Cell>): string => {
  const own = cells.filter(({ contender, value }) => contender === cell.contender && value)
  const [first, last] = [own[0], own.at(-1)]
  if (first === undefined || cell !== last || first === last) return ""
  const grown = last.value!.median / first.value!.median
  return grown > growthLimit ? `${times(grown)} GROWS` : times(grown)
}

const problemText = ({ kind, text }: NonNullable<Cell["problem"]>): string =>
  kind === "notInstalled" ? `${text}: not installed` : `FAILED: ${text}`

const spread = (value: Summary | undefined, show: (value: number) => string): string =>
  value === undefined
    ? ""
    : value.min === value.max
      ? show(value.median)
      : `${show(value.median)} (${show(value.min)}..${show(value.max)})`

const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): string => {
  const widths = header.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]!.length))
  )
  const line = (row: ReadonlyArray<string>) =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n"
  )
}
