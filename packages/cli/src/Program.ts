/**
 * Runs an `effect/cli` command as this process: one line for an error, an exit code for a script.
 *
 * @since 0.1.0
 */
import { Main } from "@fibra/tasks"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import { readFileSync } from "node:fs"

/**
 * Ends a program with an exit code that its documentation names, and a line that says why.
 *
 * @since 0.1.0
 */
export class Stopped extends Data.TaggedError("Stopped")<{
  readonly exitCode: number
  /** Printed on stderr as one line; empty when all has been said. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/**
 * Parses the arguments of this process, runs the command, and ends the process.
 *
 * Exit codes: 0 when the command succeeds, 2 for wrong usage, that of {@link Stopped}, 130 after
 * SIGINT, 143 after SIGTERM, and 1 for any other failure, which is a bug. Wrong usage and failures
 * are one line on stderr that starts with the command's name; `--log-level debug` adds the whole
 * cause. A reader of stdout that goes away ends it with 141, and a stdout that takes no more with 3.
 *
 * The first signal interrupts the command and waits for its finalizers; a second one, or the end of
 * 30 seconds, ends the process at once and names the tasks that did not finish (see `Main` of
 * `@fibra/tasks`).
 *
 * @since 0.1.0
 */
export const run = <Name extends string, Input, ContextInput, E>(
  command: Command.Command<Name, Input, ContextInput, E, Command.Environment>,
  options: {
    readonly version: string
    /** What is parsed instead of the arguments of this process. Default: these themselves. */
    readonly prepare?: (
      args: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyArray<string>, Stopped, Command.Environment>
  }
): void => {
  const { prepare = Effect.succeed } = options
  const args = Effect.suspend(() => prepare(process.argv.slice(2)))
  const program = Effect.flatMap(args, Command.runWith(command, options)).pipe(
    Effect.provide([
      NodeServices.layer,
      CliOutput.layerPresenter(presenter(command.name)),
      Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
    ]),
    Effect.catchCause((cause) => end(command.name, cause))
  )
  Main.run(program, { grace: "30 seconds", process: hostProcess(command.name) })
}

/**
 * The version in the package.json that stands beside the folder of a module.
 *
 * `Program.versionOf(import.meta.url)` in `src/main.ts`, or in `dist/main.js`, is the app's own.
 *
 * @since 0.1.0
 */
export const versionOf = (moduleUrl: string): string => {
  const text = readFileSync(new URL("../package.json", moduleUrl), "utf8")
  return (JSON.parse(text) as { readonly version: string }).version
}

/** All that is left to say of a failure that has been told of. */
class Ended extends Data.TaggedError("Ended")<{ readonly exitCode: number }> {
  override readonly [Runtime.errorReported] = false
  override get [Runtime.errorExitCode](): number {
    return this.exitCode
  }
}

const end = (name: string, cause: Cause.Cause<unknown>): Effect.Effect<void, unknown> => {
  // A signal needs no explanation.
  if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
  const exitCode = exitCodeOf(Cause.squash(cause))
  return Effect.andThen(
    report(name, cause),
    exitCode === 0 ? Effect.void : Effect.fail(new Ended({ exitCode }))
  )
}

const exitCodeOf = (error: unknown): number => {
  if (error instanceof Stopped) return error.exitCode
  if (!CliError.isCliError(error)) return 1
  // A command without its subcommand shows its help, which is no error.
  return error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : 2
}

/**
 * This process, in which a stdout that takes no more counts as a signal: Node would otherwise crash
 * with a stack trace, and nobody would clean up.
 */
const hostProcess = (name: string): Main.Process => {
  let isStopping = false
  let exitCodeOfStdout: number | undefined
  const stopping = () => {
    isStopping = true
  }
  process.on("SIGINT", stopping)
  process.on("SIGTERM", stopping)
  process.stderr.on("error", () => {})
  process.stdout.on("error", (error) => {
    if (isStopping) return
    const isGone = "code" in error && error.code === "EPIPE"
    exitCodeOfStdout = isGone ? 141 : 3
    if (!isGone) process.stderr.write(`${name}: cannot write to stdout: ${error.message}\n`)
    process.emit("SIGTERM", "SIGTERM")
  })
  return {
    on: (signal, listener) => process.on(signal, listener),
    off: (signal, listener) => process.off(signal, listener),
    exit: (code) => process.exit(exitCodeOfStdout ?? code),
    stderr: process.stderr
  }
}

const report = (name: string, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  const error = Cause.squash(cause)
  // The presenter has told of wrong usage.
  if (CliError.isCliError(error)) return Effect.void
  const text = error instanceof Error ? error.message : String(error)
  const line = text === "" ? Effect.void : printLine(name, text)
  return wantsDebug() ? Effect.andThen(line, Console.error(Cause.pretty(cause))) : line
}

// The command's own log level is out of reach here, where even a failure to parse arrives.
const wantsDebug = (): boolean =>
  /(^| )--log-level[= ](all|trace|debug)( |$)/i.test(process.argv.slice(2).join(" "))

/** Help and version as usual; wrong usage as one line instead of the whole help text. */
const presenter = (name: string): CliOutput.Presenter => ({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? printLine(
          name,
          `${event.errors.map(({ message }) => message).join("; ")} (see ${event.commandPath.join(" ")} --help)`
        )
      : CliOutput.defaultPresenter.present(event)
})

// Messages may hold text from strangers: nothing in it may steer the terminal.
const printLine = (name: string, text: string): Effect.Effect<void> =>
  Console.error(`${name}: ${printable(text)}`)

/**
 * Folds white space and removes control characters, so that a text is one harmless line.
 *
 * ```ts
 * Program.printable("one\n  two\u001b[31m") // => "one two[31m"
 * ```
 *
 * @since 0.1.0
 */
export const printable = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/\p{Cc}/gu, "")
    .trim()
