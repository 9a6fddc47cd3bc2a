/**
 * `npm run bench -- SUITE [--runs N] [--only WORKLOAD] [--quick] [--json FILE]`: measures, and prints
 * tables. Without a suite it lists them.
 *
 * Exit codes: 0 when everything was measured, also if goals were missed; 1 when a contender crashed
 * or did not do its work; 2 when the command line is wrong.
 */
import { writeFileSync } from "node:fs"
import { type Command, CommandError, parseCommand, suiteNames } from "./command.ts"
import { findErlang } from "./erlang.ts"
import { judge, type Verdict } from "./goals.ts"
import { quick, type Result, runWorkload, type Turn } from "./harness.ts"
import { describeMachine, type Machine } from "./machine.ts"
import { findPythons } from "./python.ts"
import { goalTable, machineList, workloadTable } from "./table.ts"

const main = async (args: ReadonlyArray<string>): Promise<number> => {
  if (args.length === 0) {
    console.log(`suites: ${suiteNames}`)
    return 0
  }
  const command = parseCommand(args)
  if (command.jsonPath !== undefined) writeJson(command.jsonPath, {})
  const runtimes = { pythons: findPythons(), erlang: findErlang() }
  const machine = describeMachine(runtimes)
  console.log(`## Benchmarks of ${command.name}\n\n${machineList(machine, command.runs)}\n`)
  if (command.quick) console.log("Quick: small sizes, to see that everything runs. No numbers.\n")

  const results: Array<Result> = []
  for (const full of command.suite.workloads) {
    const workload = command.quick ? quick(full) : full
    const onTurn = ({ contender, run }: Turn) =>
      console.error(`${workload.name}, run ${run} of ${command.runs}: ${contender}`)
    const result = await runWorkload(workload, { runs: command.runs, ...runtimes, onTurn })
    console.log(`${workloadTable(result)}\n`)
    results.push(result)
  }
  const verdicts = judge(command.suite.goals, results, command)
  console.log(`### Goals\n\n${goalTable(verdicts)}\n`)
  console.log(summary(verdicts))
  if (command.jsonPath !== undefined) {
    writeJson(command.jsonPath, toJson(command, machine, results, verdicts))
  }
  const failed = results.some(({ cells }) =>
    cells.some(({ problem }) => problem?.kind === "failed")
  )
  return failed ? 1 : 0
}

const summary = (verdicts: ReadonlyArray<Verdict>): string => {
  const count = (met: boolean | undefined) =>
    verdicts.filter((verdict) => verdict.met === met).length
  const missed = count(false) === 0 ? "none missed" : `${count(false)} MISSED`
  return `Goals: ${count(true)} met, ${missed}, ${count(undefined)} not measured.`
}

const toJson = (
  { name, quick, runs }: Command,
  machine: Machine,
  results: ReadonlyArray<Result>,
  goals: ReadonlyArray<Verdict>
) => ({
  suite: name,
  quick,
  runs,
  machine,
  workloads: results.map(({ cells, workload: { baseline, measure, name, work } }) => ({
    name,
    work,
    measure,
    baseline,
    cells
  })),
  goals
})

/** Called before the work with nothing: a file that cannot be written must not cost the results. */
const writeJson = (path: string, value: unknown) => {
  try {
    writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
  } catch (error) {
    throw new CommandError(`--json: ${(error as Error).message}`)
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
