/** `scraper retry`: queues pages of a job again that may do better now. */
import * as Program from "@fibra/cli/Program"
import { Job } from "@fibra/crawl"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as JobArgument from "./JobArgument.ts"
import { counted } from "./Numbers.ts"
import * as Screen from "./Screen.ts"

const parameters = {
  job: JobArgument.argument,
  code: Flag.String("code").pipe(
    Flag.withMetavar("STATUS|CAUSE"),
    Flag.withDescription(
      "Only pages with this status, such as 503 or 5xx, or this cause, such as 'timed out', 'robots" +
        " unavailable' or 'rejected'; repeatable (default: all but those that a schema has rejected)"
    ),
    Flag.atLeast(0)
  )
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const retry = Effect.fnUntraced(function* ({ code, job }: Parsed) {
  const directory = yield* JobArgument.find(job)
  yield* Effect.scoped(Job.look(directory))
  const causes: Array<string> = []
  const queued = yield* Effect.scoped(
    Effect.flatMap(Job.open(directory), (opened) =>
      Job.retry(opened, (cause) => {
        causes.push(cause)
        return code.length === 0 ? cause !== "rejected" : code.some((text) => names(text, cause))
      })
    )
  )
  const pages = Object.values(queued).reduce((sum, count) => sum + count, 0)
  const those = `${pages} ${pages === 1 ? "page is" : "pages are"} queued again`
  if (pages > 0) {
    return yield* Screen.say(`${those} (${counted(queued)}); "scraper resume ${job}" fetches them`)
  }
  const other = causes.length === 0 ? "" : `; the job has ${causes.join(", ")}`
  return yield* Screen.say(those + other)
})

/** `5xx` names all causes such as `status 503`. */
const names = (code: string, cause: string) =>
  /^[1-5](xx|\d\d)$/i.test(code)
    ? new RegExp(`^status ${code.replaceAll(/x/gi, "\\d")}$`).test(cause)
    : cause === code

export const retryCommand = Command.make("retry", parameters, (flags) =>
  Effect.catchTags(retry(flags), {
    JobFailed: JobArgument.unreadable,
    TargetLocked: ({ message }) => new Program.Stopped({ exitCode: 75, reason: message })
  })
).pipe(
  Command.withDescription(
    "Queues pages of a job again that have failed, and those that were skipped while robots.txt was not" +
      " available. With --code rejected those whose rows the schema has rejected, for a schema that was" +
      " mended; what is rejected again has a second line in the file of rejects.\n\n" +
      "Exit codes: 0, 2 wrong usage, 3 there is no job, or none that can be read, 75 another process has it."
  ),
  Command.withShortDescription("Queues pages of a job again that have failed")
)
