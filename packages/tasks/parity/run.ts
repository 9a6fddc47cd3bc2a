/**
 * Runs every rule on asyncio and on Fibra, and prints which of them behave the same:
 * `npm run parity`, or `npm run parity -- --record` to keep what Python prints.
 *
 * Where no Python 3.11 or newer is found, and for rules that a newer one brought, the traces are
 * the recorded ones.
 */
import { styleText } from "node:util"
import { problems } from "./compare.ts"
import * as Differences from "./differences.ts"
import * as Fibra from "./fibra.ts"
import * as Python from "./python.ts"
import { type Rule, rules } from "./rules.ts"
import * as Traces from "./traces.ts"

const isRecording = process.argv.includes("--record")
const python = await Python.find()

if (isRecording && python === undefined) {
  console.error("no Python 3.11 or newer on the search path, install one to record its traces")
  process.exit(1)
}
console.log(
  python === undefined
    ? "no Python 3.11 or newer on the search path: against the recorded traces"
    : `against CPython ${python.version} (${python.command})`
)

const verdictOf = async (rule: Rule) => {
  const { differs, name, since } = rule
  const isTooOld = python !== undefined && !Python.keeps(python, rule)
  const printed = python === undefined || isTooOld ? undefined : await Python.trace(python, name)
  if (isRecording && printed !== undefined) Traces.record(name, python!.version, printed)
  const found = problems({
    python: printed,
    recorded: Traces.recorded(name),
    listed: differs === undefined ? undefined : Traces.listed(name),
    fibra: await Fibra.trace(rule)
  })
  if (found.length > 0) return { verdict: "failed", notes: found } as const
  const notes = isTooOld ? [`needs CPython ${since}: against the recorded trace`] : []
  return differs === undefined
    ? ({ verdict: "same", notes } as const)
    : ({ verdict: "differs", notes: [differs, ...notes] } as const)
}

const words = {
  same: styleText("green", "same"),
  differs: styleText("yellow", "differs as listed"),
  failed: styleText("red", "FAILED")
}
const counts = { same: 0, differs: 0, failed: 0 }

for (const rule of rules) {
  const { notes, verdict } = await verdictOf(rule)
  counts[verdict]++
  console.log(`${rule.name.padEnd(36)}${words[verdict]}`)
  for (const note of notes) console.log(`    ${note}`)
}
if (isRecording) Differences.write()
console.log(
  `${rules.length} rules: ${counts.same} the same, ${counts.differs} different as listed, ${counts.failed} failed`
)
process.exitCode = counts.failed === 0 ? 0 : 1
