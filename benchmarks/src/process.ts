/** Runs one contender once, in a process of its own. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Sample } from "./meter.ts"
import { pythonMin, type PythonVersion } from "./python.ts"
import type { Contender, Measure, Python, Workload } from "./workload.ts"

/** What the process is told to do, as JSON in its only argument. */
export interface Order {
  readonly module: string
  readonly workload: string
  readonly contender: string
  readonly loop: Python["loop"] | null
  readonly measure: Measure
  readonly size: number
  readonly rounds: number
  readonly warmUp: { readonly size: number; readonly rounds: number }
}

/** `notInstalled` is no mistake; `failed` is one: it crashed, hung, or did not do the work. */
export type Outcome =
  | { readonly _tag: "sample"; readonly sample: Sample }
  | { readonly _tag: "notInstalled"; readonly text: string }
  | { readonly _tag: "failed"; readonly text: string }

const timeLimitMilliseconds = 120_000

export const order = (workload: Workload, contender: string, size: number): Order => {
  const run = workload.contenders[contender]?.run
  const python = typeof run === "object" ? run : undefined
  return {
    module: workload.module,
    workload: workload.name,
    contender: python?.contender ?? contender,
    loop: python?.loop ?? null,
    measure: workload.measure,
    size,
    rounds: Math.max(1, Math.ceil(workload.operationsMin / size)),
    warmUp: workload.warmUp
  }
}

export const start = async (
  contender: Contender,
  order: Order,
  python: PythonVersion | undefined
): Promise<Outcome> => {
  const command = commandOf(contender, python)
  if (typeof command === "string") return { _tag: "notInstalled", text: command }
  const [file, ...args] = command
  const { reason, stdout } = await exec(file!, [...args, JSON.stringify(order)])
  if (reason !== undefined) return { _tag: "failed", text: reason }
  return check(JSON.parse(stdout.trim().split("\n").at(-1)!) as Sample, order)
}

/** A time counts only if the work was done. */
const check = (sample: Sample, { rounds, size }: Order): Outcome => {
  const owed = size * rounds
  if (sample.done === owed) return { _tag: "sample", sample }
  const count = (value: number) => value.toLocaleString("en")
  return { _tag: "failed", text: `did ${count(sample.done)} of ${count(owed)} operations` }
}

const commandOf = (
  { run }: Contender,
  python: PythonVersion | undefined
): ReadonlyArray<string> | string => {
  if (typeof run === "function") {
    const entry = fileURLToPath(new URL("contender.bench.ts", import.meta.url))
    return [process.execPath, "--conditions=@fibra/source", "--expose-gc", entry]
  }
  if (python === undefined) return `python3 >= ${pythonMin}`
  if (run.loop === "uvloop" && python.uvloop === null) return "uvloop"
  return [python.executable, fileURLToPath(run.file)]
}

const exec = (file: string, args: ReadonlyArray<string>) =>
  new Promise<{ readonly stdout: string; readonly reason: string | undefined }>((resolve) => {
    execFile(file, args, { timeout: timeLimitMilliseconds }, (error, stdout, stderr) => {
      if (error === null) return resolve({ stdout, reason: undefined })
      // Both Node and Python print the error in a line of its own, among those of its stack.
      const thrown = stderr.split("\n").findLast((line) => /^\w*(Error|Exception)\b/.test(line))
      const late = `not done after ${timeLimitMilliseconds / 1000} s`
      return resolve({ stdout, reason: error.killed ? late : (thrown ?? error.message) })
    })
  })
