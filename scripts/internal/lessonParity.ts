/** Runs the lessons of the tour that have an asyncio twin on both sides, and compares what they print. */
import { writeFileSync } from "node:fs"
import { Effect } from "effect"
import { lessons } from "../../apps/tour/src/Lessons.ts"
import type { Lesson } from "../../apps/tour/src/Lesson.ts"
import * as Run from "../../apps/tour/src/Run.ts"
import * as Sources from "../../apps/tour/src/Sources.ts"
import { problems } from "../../packages/tasks/parity/compare.ts"
import * as Python from "../../packages/tasks/parity/python.ts"
import { headerOf, type Trace } from "../../packages/tasks/parity/traces.ts"

/** Prints a line for each lesson; false when one prints what it should not. */
export const run = async (isRecording: boolean): Promise<boolean> => {
  const python = await Python.find()
  let failed = 0
  for (const lesson of lessons) {
    const { exit, lines } = await Effect.runPromise(Run.run(lesson))
    const printed = await printedBy(python, lesson)
    if (isRecording) record(lesson, python?.version, printed, lines)
    const problem = Run.problemOf(exit)
    const found = problem === undefined ? compare(lesson, printed, lines) : [problem]
    if (found.length > 0) failed++
    console.log(`${lesson.file.padEnd(36)}${found.length > 0 ? "FAILED" : verdicts[lesson.twin]}`)
    for (const line of found) console.log(`    ${line}`)
  }
  console.log(`${lessons.length} lessons: ${failed} failed`)
  return failed === 0
}

const verdicts = { same: "same", differs: "differs as listed", none: "no twin" } as const

const printedBy = async (
  python: Python.Python | undefined,
  lesson: Lesson
): Promise<Trace | undefined> =>
  python === undefined || lesson.twin === "none"
    ? undefined
    : await Python.traceOf(python, Sources.urlOf(`${lesson.file}.py`))

const compare = (
  lesson: Lesson,
  python: Trace | undefined,
  fibra: Trace
): ReadonlyArray<string> => {
  const expected = Sources.prints(lesson)
  return problems({
    python,
    recorded: Sources.pythonPrints(lesson) ?? expected,
    listed: lesson.twin === "differs" ? expected : undefined,
    fibra
  })
}

const record = (
  { file, twin }: Lesson,
  version: string | undefined,
  python: Trace | undefined,
  fibra: Trace
): void => {
  const write = (name: string, lines: Trace) =>
    writeFileSync(Sources.urlOf(`traces/${name}.txt`), `${lines.join("\n")}\n`)
  if (python !== undefined) write(file, [headerOf(version!), ...python])
  if (twin !== "same") {
    write(`${file}.fibra`, ["# Fibra, written by npm run parity -- --record", ...fibra])
  }
}
