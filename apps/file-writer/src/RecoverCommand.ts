/** `file-writer recover`: puts in order what a killed writer left. */
import { Flags, Program } from "@fibra/cli"
import { Recovery } from "@fibra/files"
import { Effect, Logger } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as FileFlags from "./FileFlags.ts"
import * as Screen from "./Screen.ts"
import * as Stdout from "./Stdout.ts"

const parameters = {
  path: FileFlags.path.pipe(
    Argument.withDescription("As given to write -o, or a directory as given to many")
  ),
  ...FileFlags.flags,
  rotated: Flags.described(
    Flag.Boolean("rotated"),
    "The files rows.000001.jsonl and so on, of a run with --rotate-…",
    false
  ),
  partitioned: Flags.described(
    Flag.Boolean("partitioned"),
    "Those in the directories beside PATH too, of a run with --partition",
    false
  ),
  partial: Flags.described(
    Flag.Literals("partial", ["keep", "publish", "drop"]),
    "What becomes of the whole rows in PATH.partial",
    "keep"
  ),
  json: Flags.described(Flag.Boolean("json"), "One JSON object on stdout instead of lines", false)
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const recover = Effect.fnUntraced(function* (parsed: Parsed) {
  const screen = Screen.make()
  const written = yield* FileFlags.written(parsed)
  const report = yield* Recovery.recover({
    ...FileFlags.reading(written),
    path: parsed.path,
    isRotated: parsed.rotated,
    isPartitioned: parsed.partitioned,
    partial: parsed.partial
  }).pipe(
    Effect.provide(Logger.layer([screen.logger])),
    Effect.mapError(({ _tag, message }) => {
      const exitCode = _tag === "TargetLocked" ? 75 : 3
      return new Program.Stopped({ exitCode, reason: message })
    })
  )
  if (parsed.json) return yield* Effect.ignore(Stdout.write(`${JSON.stringify(report)}\n`))
  const { files, partial, removed } = report
  // Of many files only those that were touched.
  const shown = files.length <= filesShownMax ? files : files.filter(({ bytesCut }) => bytesCut > 0)
  for (const file of shown) yield* screen.line(lineOf(file))
  if (files.length > 1) yield* screen.line(sumOf(files))
  if (partial !== undefined) yield* screen.line(`${lineOf(partial)}, ${partial.became}`)
  for (const path of removed) yield* screen.line(`${path}: removed, it was never finished`)
  if (files.length + removed.length === 0 && partial === undefined) {
    yield* screen.line(`${parsed.path}: nothing is there`)
  }
})

const lineOf = ({ bytes, bytesCut, path, rows }: Recovery.Recovered): string =>
  `${path}: ${rows} rows, ${bytes} bytes` + (bytesCut === 0 ? "" : `, ${bytesCut} bytes cut`)

/** Files that are shown one by one, with nothing to say of them. */
const filesShownMax = 10

const sumOf = (files: ReadonlyArray<Recovery.Recovered>): string => {
  const sum = (of: (file: Recovery.Recovered) => number) =>
    files.reduce((sum, file) => sum + of(file), 0)
  const cut = sum(({ bytesCut }) => bytesCut)
  return `all ${files.length} files: ${sum(({ rows }) => rows)} rows, ${sum(({ bytes }) => bytes)} bytes, ${cut} bytes cut`
}

export const recoverCommand = Command.make("recover", parameters, recover).pipe(
  Command.withDescription(
    "Cuts torn ends of files, keeps, publishes or drops PATH.partial, removes unfinished temporary files and locks of writers that are gone. A new run of write does it for the files that it writes to.\n\n" +
      "Exit codes: 0 all is in order, 2 wrong usage, 3 a file or a disk refused, 75 a writer is alive: nothing was touched."
  ),
  Command.withShortDescription("Puts in order what a killed writer left"),
  Command.withExamples([
    { command: "file-writer recover rows.jsonl", description: "Cut a torn end" },
    {
      command: "file-writer recover rows.jsonl --partial publish",
      description: "Publish the rows of a run that was cut short"
    }
  ])
)
