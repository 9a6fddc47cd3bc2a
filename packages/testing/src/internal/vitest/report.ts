/** What a failed simulation says to a person in vitest: why, when, and the line that replays it. */
import * as Cause from "effect/Cause"
import type * as V from "vitest"
import { LeftBehind } from "../../Leaks.ts"
import { Deadlocked, type ScheduleFailed, StepLimitExceeded } from "../../Simulation.ts"
import { type Environment, formatReplay, type Replay } from "./environment.ts"

export interface SimFailure {
  readonly failed: ScheduleFailed
  readonly replay: Replay
  /** Which of several runs of the seed it was. */
  readonly where: string | undefined
}

/** The error for vitest: it shows the frames and the difference of the first failure. */
export const toError = (
  { failed, replay, where }: SimFailure,
  { command }: Environment,
  task: V.RunnerTask
): Error => {
  // The last line of its message replays it without vitest, and knows nothing of an interrupt.
  const report = failed.message.split("\n").slice(0, -1)
  const line = `FIBRA_SEED=${formatReplay(replay)} ${command} ${pathOf(task)} -t "${patternOf(task)}"`
  const error = new Error([...report, ...(where === undefined ? [] : [where]), line].join("\n"))
  error.name = "SimulationFailed"
  const first = Cause.squash(failed.cause)
  if (first instanceof Error) {
    // With these vitest shows the difference.
    for (const key of ["actual", "expected", "diff", "showDiff"]) {
      if (key in first) Object.assign(error, { [key]: Reflect.get(first, key) })
    }
  }
  error.stack = [`${error.name}: ${error.message}`, ...framesOf(first)].join("\n")
  return error
}

/** Where an error was made, as far as it is the user's code. */
const framesOf = (error: unknown): ReadonlyArray<string> =>
  error instanceof Error && !isOurs(error)
    ? (error.stack?.match(/^\s+at .*$/gm) ?? []).filter((frame) => !libraries.test(frame))
    : []

const libraries = /node_modules.(effect|@fibra)|testing.(src|dist).internal/

const isOurs = (error: Error): boolean =>
  error instanceof LeftBehind || error instanceof Deadlocked || error instanceof StepLimitExceeded

/** The path of a test as a shell in this folder would say it. */
const pathOf = ({ file }: V.RunnerTask): string => {
  const folder = `${globalThis.process.cwd()}/`
  return file.filepath.startsWith(folder) ? file.filepath.slice(folder.length) : file.filepath
}

/** The full name of a test as a pattern that needs no quoting within double quotes. */
const patternOf = ({ fullTestName = "" }: V.RunnerTask): string =>
  fullTestName.replace(/[^\w\s:;,=@%&#/<>'-]/g, ".")
