/**
 * Runs a command as this process: a failure is one line on stderr and an exit code.
 *
 * Wrong usage exits 2, a failure with its `Runtime.errorExitCode` or else 1, and a stop by SIGINT
 * or SIGTERM 0. `--log-level debug` adds the whole cause of a failure.
 */
import { readFileSync } from "node:fs"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Effect, Exit, Logger, Runtime } from "effect"
import { CliError, CliOutput, Command } from "effect/cli"

/** Parses the arguments of this process, runs the command and ends the process. */
export const runMain = <Name extends string, Input, ContextInput, E>(
  command: Command.Command<Name, Input, ContextInput, E, Command.Environment>
): void =>
  Command.run(command, { version: packageVersion() }).pipe(
    Effect.tapCause((cause) => {
      const error = Cause.squash(cause)
      // The presenter below has already told of wrong usage.
      return Cause.hasInterruptsOnly(cause) || CliError.isCliError(error)
        ? Effect.void
        : printLine(command.name, error instanceof Error ? error.message : String(error))
    }),
    Effect.provide([
      NodeServices.layer,
      CliOutput.layerPresenter(oneLinePresenter(command.name)),
      Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
    ]),
    NodeRuntime.runMain({ disableErrorReporting: true, teardown })
  )

/** Help and version as usual; wrong usage as one line instead of the whole help text. */
const oneLinePresenter = (name: string): CliOutput.Presenter => ({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? printLine(
          name,
          `${event.errors.map((error) => error.message).join(" ")} (${name} --help lists the flags)`
        )
      : CliOutput.defaultPresenter.present(event)
})

const printLine = (name: string, text: string) =>
  Console.error(
    `${name}: ${text
      .trim()
      .replaceAll(/\s*\n\n\s*/g, ". ")
      .replaceAll(/\s+/g, " ")}`
  )

const teardown: Runtime.Teardown = (exit, onExit) => {
  if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return onExit(0)
  const error = Cause.squash(exit.cause)
  const code = Runtime.getErrorExitCode(error)
  return onExit(CliError.isCliError(error) && code !== 0 ? 2 : code)
}

const packageVersion = (): string =>
  (
    JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      readonly version: string
    }
  ).version
