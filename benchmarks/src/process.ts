/** Runs one contender once, in a process of its own. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { count } from "./format.ts"
import type { Sample } from "./meter.ts"
import type { ErlangVersion } from "./erlang.ts"
import { pythonMin, pythonWith } from "./python.ts"
import {
  type Contender,
  type Erlang,
  isPython,
  type Measure,
  type Python,
  type Runtimes,
  type Workload
} from "./workload.ts"

/** What the process is told to do, as JSON in its only argument. */
export interface Order {
  readonly module: string
  readonly workload: string
  readonly contender: string
  readonly loop: Python["loop"] | null
  readonly measure: Measure
  readonly warmUp: Workload["warmUp"]
  readonly sizes: ReadonlyArray<{ readonly size: number; readonly rounds: number }>
}

/** `notInstalled` is no mistake; `failed` is one: it crashed, hung, or did not do the work. */
export type Outcome =
  | { readonly _tag: "sample"; readonly sample: Sample }
  | { readonly _tag: "notInstalled"; readonly text: string }
  | { readonly _tag: "failed"; readonly text: string }

const timeLimitSecondsDefault = 120

/** Runs it at all of its sizes; one outcome for each, in their order. */
export const start = async (
  workload: Workload,
  name: string,
  runtimes: Runtimes
): Promise<ReadonlyArray<Outcome>> => {
  const order = orderOf(workload, name)
  const command = commandOf(workload.contenders[name]!, order, runtimes)
  if (typeof command === "string") {
    return order.sizes.map(() => ({ _tag: "notInstalled", text: command }))
  }
  const [file, ...args] = command
  const answer = await exec(file!, args, workload.timeLimitSeconds ?? timeLimitSecondsDefault)
  return order.sizes.map(({ rounds, size }, index) =>
    typeof answer === "string"
      ? { _tag: "failed", text: answer }
      : check(answer[index]!, rounds * size)
  )
}

/** The sizes at which a contender of the workload runs. */
export const sizesOf = (workload: Workload, name: string): ReadonlyArray<number> =>
  workload.contenders[name]!.sizes ?? workload.sizes

const orderOf = (workload: Workload, name: string): Order => {
  const { run } = workload.contenders[name]!
  const foreign = typeof run === "object" ? run : undefined
  return {
    module: workload.module,
    workload: workload.name,
    contender: foreign?.contender ?? name,
    loop: isPython(run) ? run.loop : null,
    measure: workload.measure,
    // One round is enough where no compiler is to be waited for.
    warmUp: foreign === undefined ? workload.warmUp : { ...workload.warmUp, seconds: 0 },
    sizes: sizesOf(workload, name).map((size) => ({
      size,
      rounds: Math.max(1, Math.ceil(workload.operationsMin / size))
    }))
  }
}

/** A time counts only if the work was done. */
const check = (sample: Sample, owed: number): Outcome =>
  sample.done === owed
    ? { _tag: "sample", sample }
    : { _tag: "failed", text: `did ${count(sample.done)} of ${count(owed)} operations` }

const commandOf = (
  { missing, run }: Contender,
  order: Order,
  runtimes: Runtimes
): ReadonlyArray<string> | string => {
  const { erlang, pythons } = runtimes
  const absent = missing?.(runtimes)
  if (absent !== undefined) return absent
  const orderText = JSON.stringify(order)
  if (typeof run === "function") {
    const entry = fileURLToPath(new URL("contender.bench.ts", import.meta.url))
    return [process.execPath, "--conditions=@fibra/source", "--expose-gc", entry, orderText]
  }
  if (!isPython(run)) return erlang === undefined ? "erl" : erlangCommand(erlang, run, order)
  if (pythons.length === 0) return `python3 >= ${pythonMin}`
  const needs = needsOf(run)
  const python = pythonWith(pythons, needs)
  if (python === undefined) return needs.join(" and ")
  // -B: leaves no compiled files in the sources.
  return [python.executable, "-B", fileURLToPath(run.file), orderText]
}

export const needsOf = ({ loop, needs = [] }: Python): NonNullable<Python["needs"]> =>
  loop === "uvloop" ? [loop, ...needs] : needs

/** What `escript` would run. The order is words, as Erlang reads JSON from OTP 27 on only. */
const erlangCommand = (
  { executable }: ErlangVersion,
  { file, schedulers }: Erlang,
  { contender, measure, sizes, warmUp }: Order
): ReadonlyArray<string> => [
  executable,
  ...(schedulers === undefined ? [] : ["+S", `${schedulers}:${schedulers}`]),
  ..."-noinput -boot no_dot_erlang -run escript start -extra".split(" "),
  fileURLToPath(file),
  contender,
  measure,
  `${warmUp.size}`,
  ...sizes.map(({ rounds, size }) => `${size}x${rounds}`)
]

/** What the process has measured; a string says why there is nothing. */
const exec = (file: string, args: ReadonlyArray<string>, timeLimitSeconds: number) =>
  new Promise<ReadonlyArray<Sample> | string>((resolve) => {
    execFile(file, args, { timeout: timeLimitSeconds * 1000 }, (error, stdout, stderr) => {
      if (error === null) return resolve(parseSamples(stdout))
      if (error.killed) return resolve(`not done after ${timeLimitSeconds} s`)
      // All of them print the error in a line of its own, among those of its stack.
      const thrown = stderr.split("\n").findLast((line) => thrownLine.test(line))
      return resolve(thrown ?? error.message.split("\n")[0]!)
    })
  })

const thrownLine = /^(\w*(Error|Exception)\b|escript: exception)/

const parseSamples = (stdout: string): ReadonlyArray<Sample> | string => {
  try {
    return JSON.parse(stdout) as ReadonlyArray<Sample>
  } catch {
    return `printed something else than samples: ${stdout.split("\n")[0]}`
  }
}
