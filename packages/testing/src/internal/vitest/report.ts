/** What a failed simulation says to a person: why, when, and the line that replays it. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import type * as V from "vitest"
import { LeftBehind } from "../../Leaks.ts"
import { Deadlocked, StepLimitExceeded, type Switch } from "../../Simulation.ts"
import { formatReplay, type Environment, type Replay } from "./environment.ts"

export interface SimFailure {
  readonly cause: Cause.Cause<unknown>
  readonly replay: Replay
  /** Which of the runs it was, empty for a replay. */
  readonly where: string
  readonly virtualTime: Duration.Duration
  readonly switches: ReadonlyArray<Switch>
}

const switchesShown = 20

/** The error for vitest: it shows the frames and the difference of the first failure. */
export const toError = (
  failure: SimFailure,
  environment: Environment,
  task: V.RunnerTask
): Error => {
  const { cause, replay, switches, virtualTime, where } = failure
  const more = switches.length - switchesShown
  const first = Cause.squash(cause)
  const error = new Error(
    [
      Cause.prettyErrors(cause)
        .map(({ message }) => message)
        .join("\n"),
      "",
      [where, `virtual time ${Duration.format(virtualTime)}`]
        .filter((part) => part !== "")
        .join(", "),
      ...switches.slice(0, switchesShown).map(({ text }) => `  ${text}`),
      ...(more > 0 ? [`  and ${more} more switches`] : []),
      `FIBRA_SEED=${formatReplay(replay)} ${environment.command} ${pathOf(task)} -t "${patternOf(task)}"`
    ].join("\n")
  )
  error.name = "SimulationFailed"
  // With these, vitest shows the difference, and the place in the test where it was noticed.
  for (const key of ["actual", "expected", "diff", "showDiff"]) {
    if (first instanceof Error && key in first)
      Object.assign(error, { [key]: Reflect.get(first, key) })
  }
  error.stack = [`${error.name}: ${error.message}`, ...framesOf(first)].join("\n")
  return error
}

/** Where an error was made, as far as it is the user's code. */
const framesOf = (error: unknown): ReadonlyArray<string> =>
  error instanceof Error && !isOurs(error)
    ? ((error.stack ?? "").match(/^\s+at .*$/gm) ?? []).filter(
        (frame) => !/node_modules.(effect|@fibra)|testing.(src|dist).internal/.test(frame)
      )
    : []

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
