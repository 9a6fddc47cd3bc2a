/** Runs commands of the program inside of this process, which takes milliseconds. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Program from "@fibra/cli/Program"
import { Cause, Effect, Exit } from "effect"
import { CliOutput, Command } from "effect/cli"
import { vi } from "vitest"
import { crawlCommand } from "../../src/CrawlCommand.ts"

/** What the program would end with: its exit code, and the line for people. */
interface EndedHere {
  readonly code: number
  readonly reason: string
}

// What commands tell people is not for those who read the output of the tests.
vi.spyOn(process.stderr, "write").mockImplementation((...args) => {
  const done = args.at(-1)
  if (typeof done === "function") done()
  return true
})

/** Runs a command, without the name of the program. */
export const runHere = Effect.fnUntraced(function* <Name extends string, Input, ContextInput, E>(
  command: Command.Command<Name, Input, ContextInput, E, Command.Environment>,
  ...args: ReadonlyArray<string>
) {
  let said = ""
  const presenter: CliOutput.Presenter = {
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "InvalidInvocation") {
          said = event.errors.map(({ message }) => message).join("; ")
        }
      })
  }
  const exit = yield* Command.runWith(command, { version: "0" })(args).pipe(
    Effect.provide([NodeServices.layer, CliOutput.layerPresenter(presenter)]),
    Effect.exit
  )
  if (Exit.isSuccess(exit)) return { code: 0, reason: "" } satisfies EndedHere
  const error = Cause.squash(exit.cause)
  if (error instanceof Program.Stopped) {
    return { code: error.exitCode, reason: error.reason } satisfies EndedHere
  }
  return { code: said === "" ? 1 : 2, reason: said || Cause.pretty(exit.cause) } satisfies EndedHere
})

/** Runs `scraper crawl`. */
export const crawlHere = (...args: ReadonlyArray<string>) => runHere(crawlCommand, ...args)
