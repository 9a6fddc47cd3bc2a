/** `scraper export`: the rows or the pages of a job as a file that appears whole or not at all. */
import * as Flags from "@fibra/cli/Flags"
import * as Program from "@fibra/cli/Program"
import * as AtomicFile from "@fibra/files/AtomicFile"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { type Column, survey } from "./Columns.ts"
import { usage } from "./CrawlFlags.ts"
import * as ExportTarget from "./ExportTarget.ts"
import * as JobArgument from "./JobArgument.ts"
import { size } from "./Numbers.ts"
import * as RowFiles from "./RowFiles.ts"
import * as RowWriter from "./RowWriter.ts"
import * as Screen from "./Screen.ts"
import * as SqliteFile from "./SqliteFile.ts"
import * as Table from "./Table.ts"
import * as Where from "./Where.ts"

const parameters = {
  job: JobArgument.argument,
  output: Flag.String("output").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("FILE[:FORMAT]"),
    Flag.withDescription(
      "The file to write, which replaces one that is there; jsonl, csv, parquet or sqlite, by its" +
        " extension unless FORMAT says so; - is stdout, and /dev/stdout:csv too"
    )
  ),
  table: Flags.described(
    Flag.Literals("table", ["rows", "pages"]),
    "rows: what the crawl has written; pages: all URLs with state, reason, status and where they were found",
    "rows"
  ),
  where: Flag.String("where").pipe(
    Flag.withMetavar("NAME=VALUE"),
    Flag.withDescription(
      "Only rows whose field is, with != is not, or with ~ matches; repeatable, and all must hold"
    ),
    Flag.atLeast(0)
  ),
  fields: Flag.String("fields").pipe(
    Flag.withMetavar("A,B,C"),
    Flag.withDescription("Only these fields, in this order (default: all)"),
    Flag.withDefault("")
  ),
  escapeFormulas: Flags.described(
    Flag.Boolean("escape-formulas"),
    "In csv, put ' before texts that start with = + - or @, which spreadsheets run",
    false
  )
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const exportJob = Effect.fnUntraced(function* (flags: Parsed) {
  const target = yield* ExportTarget.parse(flags.output)
  const conditions = yield* Effect.forEach(flags.where, Where.parse)
  const fields = flags.fields === "" ? [] : flags.fields.split(",").map((name) => name.trim())
  const directory = yield* JobArgument.find(flags.job)
  const view = yield* JobArgument.view(directory)
  const own = yield* Effect.catch(
    Effect.forEach(["output", "rejects", "archive"], view.recall),
    JobArgument.unreadable
  )
  const ownPaths = own.filter((path) => path !== undefined)
  const rotated = own[0] === undefined ? [] : yield* RowFiles.list(own[0])
  const paths = [...ownPaths, ...rotated.map(({ path }) => path)]
  yield* ExportTarget.refuseOwnFiles(target, directory, paths)
  const table = flags.table === "pages" ? Table.pages(view) : yield* Table.rows(view)

  const holds = (row: Parameters<Where.Condition["holds"]>[0]) =>
    conditions.every((condition) => condition.holds(row))
  const chosen =
    conditions.length === 0 ? table.chunks : Stream.map(table.chunks, (rows) => rows.filter(holds))

  // Formats that need columns first, and names that may be wrong, cost a reading of all rows.
  const asked = [...fields, ...conditions.map(({ name }) => name)]
  const isFree = target.format === "jsonl" && asked.length === 0
  const known = table.columns ?? (isFree ? [] : yield* survey(table.chunks))
  const unknown = asked.find((name) => !known.some((column) => column.name === name))
  if (unknown !== undefined && !(table.name === "rows" && view.counts.rows === 0)) {
    const names = known.map(({ name }) => name).join(", ")
    return yield* usage(`no ${table.name} have a field "${unknown}"; they have ${names}`)
  }
  const columns =
    fields.length === 0
      ? known
      : fields.map(
          (name) => known.find((column) => column.name === name) ?? { name, type: "text" as const }
        )

  const written = yield* Effect.scoped(
    write(target, table.name, columns, fields, chosen, flags.escapeFormulas)
  ).pipe(
    Effect.catchTag(
      "WriteFailed",
      ({ message }) => new Program.Stopped({ exitCode: 3, reason: message })
    )
  )
  const { left } = view.counts
  const rest = left === 0 ? "" : `; ${left} ${left === 1 ? "URL" : "URLs"} of the job left`
  const where = target.path === "-" ? "stdout" : target.path
  yield* Screen.say(`${written.rows} ${table.name} (${size(written.bytes)}) in ${where}${rest}`)
})

const write = Effect.fnUntraced(function* (
  target: ExportTarget.Target,
  name: Table.Table["name"],
  columns: ReadonlyArray<Column>,
  fields: ReadonlyArray<string>,
  chunks: Table.Table["chunks"],
  escapesFormulas: boolean
) {
  const counts = { rows: 0, bytes: 0 }
  const file = target.path === "-" ? stdout : yield* AtomicFile.open(target.path)
  const put = (content: string | Uint8Array) => {
    const bytes = typeof content === "string" ? encoder.encode(content) : content
    counts.bytes += bytes.length
    return bytes.length === 0 ? Effect.void : file.write(bytes)
  }

  if (target.format === "sqlite") {
    const fs = yield* FileSystem.FileSystem
    const scratch = yield* scratchBeside(target.path)
    const database = yield* SqliteFile.create(scratch, name, columns)
    yield* Stream.runForEach(chunks, (rows) => {
      counts.rows += rows.length
      return database.insert(rows)
    })
    yield* database.close
    yield* fs.stream(scratch).pipe(
      Stream.mapError(({ message }) => new Program.Stopped({ exitCode: 3, reason: message })),
      Stream.runForEach(put)
    )
  } else {
    const writer =
      target.format === "parquet"
        ? yield* RowWriter.parquet(columns)
        : target.format === "csv"
          ? RowWriter.csv(columns, escapesFormulas)
          : RowWriter.jsonl(fields.length === 0 ? undefined : fields)
    yield* Stream.runForEach(chunks, (rows) => {
      counts.rows += rows.length
      return put(writer.encode(rows))
    })
    yield* put(writer.end())
  }
  yield* file.publish
  return counts
})

const encoder = new TextEncoder()

const stdout: AtomicFile.OpenFile = { write: Screen.print, publish: Effect.void }

/** A file that is removed with the scope; were the process killed, `file-writer recover` would remove it. */
const scratchBeside = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const random = yield* Random.next
  const nonce = Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, "0")
  const scratch = paths.join(paths.dirname(path), `.${paths.basename(path)}.${nonce}.tmp`)
  yield* Effect.addFinalizer(() => Effect.ignore(fs.remove(scratch, { force: true })))
  return scratch
})

export const exportCommand = Command.make("export", parameters, (flags) =>
  Effect.scoped(exportJob(flags))
).pipe(
  Command.withDescription(
    "Writes what a job holds, as one of its commits has it, also while its crawl runs or after it was" +
      " killed. The file appears whole, or not at all.\n\n" +
      "Exit codes: 0, 2 wrong usage, 3 no job, a job that cannot be read, or a file that cannot be" +
      " written, 130 Ctrl-C (then there is no file), 141 nobody reads stdout any more."
  ),
  Command.withShortDescription(
    "Writes the rows or the pages of a job as jsonl, csv, parquet or sqlite"
  ),
  Command.withExamples([
    {
      command: "scraper export books.jsonl -o books.parquet",
      description: "The rows for an analysis"
    },
    {
      command: "scraper export books.jsonl -o failed.csv --table pages --where state=failed",
      description: "All pages that failed, with the cause"
    }
  ])
)
