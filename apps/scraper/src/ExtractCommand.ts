/** `scraper extract`: rows from HTML that is here already. */
import * as Flags from "@fibra/cli/Flags"
import * as Program from "@fibra/cli/Program"
import { Extract } from "@fibra/crawl"
import * as Charset from "@fibra/http/Charset"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { parseSelectors, usage } from "./CrawlFlags.ts"
import * as Rejects from "./Rejects.ts"
import * as SchemaFile from "./SchemaFile.ts"
import * as Screen from "./Screen.ts"

const parameters = {
  files: Argument.String("file").pipe(
    Argument.withMetavar("FILE"),
    Argument.withDescription("HTML files; - is stdin"),
    Argument.variadic({ min: 1 })
  ),
  select: Flag.String("select").pipe(
    Flag.withMetavar("NAME=CSS[@ATTR]"),
    Flag.withDescription(
      "A field of each row: the first match, or all with NAME[]=CSS; repeatable"
    ),
    Flag.atLeast(0)
  ),
  each: Flag.String("each").pipe(
    Flag.withMetavar("CSS"),
    Flag.withDescription(
      "A row for each element that matches, from inside of it (default: one for each file)"
    ),
    Flag.optional
  ),
  schema: SchemaFile.flag,
  rejects: Flag.String("rejects").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "Keeps rejected rows as {file, cause, fields}, whole at the end (default: the first 10 are shown on stderr)"
    ),
    Flag.optional
  ),
  maxFile: Flags.described(
    Flags.bytes("max-file"),
    "Larger files are not read",
    64 * 1024 * 1024,
    "64MiB"
  )
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const extract = Effect.fnUntraced(function* (flags: Parsed) {
  const { files, maxFile } = flags
  if (flags.select.length === 0) return yield* usage("Missing required flag: --select")
  const selectors = yield* parseSelectors(flags.select, [], new Set(["file"]))
  const each = yield* parseEach(flags.each)
  if (files.filter((file) => file === "-").length > 1)
    return yield* usage("- can be read only once")
  const schema = Option.isNone(flags.schema)
    ? undefined
    : yield* SchemaFile.load(flags.schema.value)
  const typed = schema && Extract.typed(schema)
  const rejects = yield* Rejects.open(flags.rejects)
  let [rows, unread] = [0, 0]

  for (const file of files) {
    const body = yield* Effect.result(read(file, maxFile))
    if (Result.isFailure(body)) {
      unread += 1
      yield* Screen.say(`failed: ${body.failure}`)
      continue
    }
    const html = Charset.decode(body.success, undefined)
    const found =
      each === undefined
        ? [Extract.fields(html, selectors)]
        : Extract.records(html, each, selectors)
    for (const fields of found) {
      const line = lineOf(file, fields, typed)
      if (Result.isSuccess(line)) {
        rows += 1
        yield* Screen.print(line.success)
      } else yield* rejects.add({ file, cause: line.failure, fields })
    }
  }

  yield* rejects.finish
  const opened = files.length - unread
  yield* Screen.say(
    `${count(rows, "row")} of ${count(opened, "file")} | rejected ${rejects.count()} | failed ${unread}`
  )
  if (unread > 0) {
    const reason = `${unread} of ${count(files.length, "file")} could not be read`
    return yield* new Program.Stopped({ exitCode: 3, reason })
  }
  if (rejects.count() > 0) {
    const reason = `${rejects.count()} of ${count(rows + rejects.count(), "row")} rejected`
    return yield* new Program.Stopped({ exitCode: 8, reason })
  }
})

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`

const parseEach = Effect.fnUntraced(function* (each: Option.Option<string>) {
  if (Option.isNone(each)) return undefined
  const selector = Extract.selector(`each=${each.value}`)
  if (Result.isFailure(selector) || selector.success.attribute !== undefined) {
    return yield* usage(`--each ${JSON.stringify(each.value)} is no CSS selector`)
  }
  return selector.success.css
})

const read = Effect.fnUntraced(function* (file: string, maxFile: number) {
  const fs = yield* FileSystem.FileSystem
  const failed = ({ message }: { readonly message: string }) =>
    `cannot read ${nameOf(file)}: ${message}`
  const bytes =
    file === "-"
      ? NodeStream.fromReadable({
          evaluate: () => process.stdin,
          onError: (cause) => cause as Error,
          closeOnDone: false
        }).pipe(Stream.mapError(failed))
      : fs.stream(file).pipe(Stream.mapError(failed))
  return yield* bytes.pipe(
    Stream.limitBytes(maxFile, () =>
      Stream.fail(`${nameOf(file)} is larger than ${maxFile} bytes (--max-file)`)
    ),
    Stream.mkUint8Array
  )
})

const nameOf = (file: string) => (file === "-" ? "stdin" : file)

/** One row as JSON, or why there is none. */
const lineOf = (
  file: string,
  fields: Extract.Fields,
  typed: ReturnType<typeof Extract.typed<unknown>> | undefined
): Result.Result<string, string> => {
  const value: Result.Result<unknown, string> =
    typed === undefined
      ? Result.succeed(fields)
      : Result.mapError(typed(fields), ({ reason }) => reason)
  return Result.flatMap(value, (row) => {
    if (typeof row !== "object" || row === null)
      return Result.fail("the schema makes no object of it")
    return Result.try({
      try: () => `${JSON.stringify({ file, ...row })}\n`,
      catch: (cause) => `it has no form in JSON: ${(cause as Error).message}`
    })
  })
}

export const extractCommand = Command.make("extract", parameters, (flags) =>
  Effect.scoped(extract(flags))
).pipe(
  Command.withDescription(
    "Prints rows from HTML files as JSON Lines, with the charset detection and the selectors of a crawl:" +
      " to try selectors, or to extract once more from pages that were kept.\n\n" +
      "Exit codes: 0, 2 wrong usage, 3 a file could not be read or written, 8 rows were rejected, 141" +
      " nobody reads stdout any more."
  ),
  Command.withShortDescription("Prints rows from HTML files"),
  Command.withExamples([
    {
      command:
        "scraper fetch https://shop.example/ | scraper extract - --each .book --select title=h3",
      description: "The books of one page"
    }
  ])
)
