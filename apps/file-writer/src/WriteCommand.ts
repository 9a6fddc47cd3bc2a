/** `file-writer write`: rows from a file or stdin, checked, into one file or several. */
import { Program } from "@fibra/cli"
import { Effect, Option, Result } from "effect"
import { Command } from "effect/cli"
import { statSync } from "node:fs"
import { resolve } from "node:path"
import * as FileNames from "./FileNames.ts"
import { isStdout, type Plan } from "./Plan.ts"
import * as Template from "./Template.ts"
import * as Write from "./Write.ts"
import { flags } from "./WriteFlags.ts"

export const writeCommand = Command.make("write", flags, (parsed) =>
  Effect.flatMap(planOf(parsed), Write.write)
).pipe(
  Command.withDescription(
    "Reads rows, one JSON value a line, and writes them in commits: all or nothing in one file, or at the end of files that are there.\n\n" +
      "Exit codes: 0 all rows are written, 2 wrong usage, 3 a file or a disk refused, 8 written without " +
      "the malformed rows, 75 another process writes to PATH, 130 Ctrl-C, 141 nobody reads stdout any more, " +
      "143 SIGTERM. After 3, 130 and 143 PATH is as it was and whole rows are in PATH.partial or, with " +
      "--mode append, PATH has what was committed."
  ),
  Command.withShortDescription("Writes rows to a file, or to many"),
  Command.withExamples([
    {
      command: "file-writer write -o rows.jsonl < rows.ndjson",
      description: "Check and publish rows from stdin"
    },
    {
      command: "file-writer write --from rows.ndjson -o rows.jsonl --rejects bad.jsonl",
      description: "Keep malformed rows in a file"
    },
    {
      command:
        "file-writer write --from rows.ndjson -o out/rows.jsonl.gz --mode append --compress gzip --partition '{host}' --rotate-size 64MiB --checkpoint done.json",
      description: "Append to compressed files by host; run again, it goes on where it was"
    }
  ])
)

type Parsed = Command.Command.Config.Infer<typeof flags>

/** With what the name of the file says, where no flag does. */
interface Decided extends Omit<Parsed, "format" | "compress"> {
  readonly format: Plan["format"]
  readonly compress: Plan["compression"]
}

const usage = (reason: string) =>
  new Program.Stopped({ exitCode: 2, reason: `${reason} (see file-writer write --help)` })

const planOf = Effect.fnUntraced(function* (
  parsed: Parsed
): Effect.fn.Return<Plan, Program.Stopped> {
  yield* checkPlaces(parsed)
  const format = Option.getOrElse(parsed.format, () => FileNames.formatOf(parsed.output))
  const compress = Option.getOrElse(parsed.compress, () =>
    format === "parquet" ? "none" : FileNames.compressionOf(parsed.output)
  )
  const wrong = wrongTogether({ ...parsed, format, compress })
  if (wrong !== undefined) return yield* usage(wrong)
  const template = Option.map(parsed.partition, Template.parse)
  if (Option.isSome(template) && Result.isFailure(template.value)) {
    return yield* usage(`--partition: ${template.value.failure}`)
  }
  const { keep, rotateEvery, rotateRows, rotateSize } = parsed
  return {
    output: parsed.output,
    from: parsed.from,
    format,
    columns: columnsOf(parsed),
    compression: compress,
    mode: parsed.mode,
    partition: Option.flatMap(template, Result.getSuccess),
    rotate: isRotated(parsed)
      ? {
          rowsMax: Option.getOrUndefined(rotateRows),
          bytesMax: Option.getOrUndefined(rotateSize),
          every: Option.getOrUndefined(rotateEvery),
          filesMax: Option.getOrUndefined(keep)
        }
      : undefined,
    manifest: parsed.manifest,
    openFilesMax: parsed.maxOpen,
    fsync: parsed.fsync,
    batch: parsed.batch,
    bufferRowsMax: parsed.buffer,
    whenFull: parsed.onFull,
    key: parsed.key,
    keysMax: parsed.keysMax,
    checkpoint: parsed.checkpoint,
    acknowledges: parsed.ack === "stdout",
    rejects: parsed.rejects,
    schema: parsed.schema,
    rowBytesMax: parsed.rowBytesMax,
    json: parsed.json
  }
})

const isRotated = ({ rotateEvery, rotateRows, rotateSize }: Omit<Parsed, "format" | "compress">) =>
  Option.isSome(rotateEvery) || Option.isSome(rotateRows) || Option.isSome(rotateSize)

const columnsOf = ({ columns }: Pick<Parsed, "columns">) =>
  columns.split(",").filter((column) => column !== "")

/** Why these flags do not go together. */
const wrongTogether = (parsed: Decided): string | undefined => {
  const { ack, checkpoint, compress, format, key, keep, manifest, mode, output, partition } = parsed
  const rotates = isRotated(parsed)
  const appending = [
    ["--partition", Option.isSome(partition)],
    ["--rotate-…", rotates],
    ["--manifest", manifest],
    ["--key", Option.isSome(key)],
    ["--checkpoint", Option.isSome(checkpoint)],
    ["--ack", ack !== "none"],
    // Without it there is one fsync, at the end.
    ["--fsync", parsed.fsync !== "batch"]
  ] as const
  const needsAppend = appending.find(([, isGiven]) => isGiven)?.[0]
  if (needsAppend !== undefined && mode !== "append") return `${needsAppend} needs --mode append`
  if (Option.isSome(keep) && !rotates)
    return "--keep needs --rotate-rows, --rotate-size or --rotate-every"
  if (mode !== "atomic" && isStdout(output)) return `--mode ${mode} needs a file`
  if (compress !== "none" && isStdout(output)) return "--compress needs a file"
  if (format === "csv" && columnsOf(parsed).length === 0) return "--format csv needs --columns"
  if (Option.isSome(key) && format === "csv" && !columnsOf(parsed).includes(key.value)) {
    return "--key must be one of --columns"
  }
  return wrongFormat(parsed)
}

const wrongFormat = ({ compress, format, key, mode, output, partition, schema }: Decided) => {
  const fields = [
    ["--partition", Option.isSome(partition)],
    ["--key", Option.isSome(key)],
    ["--schema", Option.isSome(schema)]
  ] as const
  const needsFields = fields.find(([, isGiven]) => isGiven)?.[0]
  if (format === "raw" && needsFields !== undefined) return `${needsFields} needs rows with fields`
  if (format !== "parquet") return undefined
  if (mode !== "atomic") return "--format parquet needs --mode atomic: its index comes at the end"
  if (compress !== "none") return "--format parquet is compressed already"
  return isStdout(output) ? "--format parquet needs a file" : undefined
}

/** Places are different files: one that is two of them would lose what it held. */
const checkPlaces = ({ checkpoint, from, output, rejects }: Parsed) => {
  const places = [
    ["--from", from],
    ["-o", output],
    ["--rejects", Option.getOrElse(rejects, () => "")],
    ["--checkpoint", Option.getOrElse(checkpoint, () => "")]
  ] as const
  const taken = new Map<string, string>()
  for (const [flag, path] of places) {
    const identity = identityOf(path)
    const other = identity === undefined ? undefined : taken.get(identity)
    if (other !== undefined) {
      return Effect.fail(usage(`${flag} must name a file other than that of ${other}`))
    }
    if (identity !== undefined) taken.set(identity, flag)
  }
  return Option.isSome(rejects) && rejects.value === "-"
    ? Effect.fail(usage("--rejects must name a file other than the output"))
    : Effect.void
}

/** What two names of one file have in common; nothing for pipes and devices, which hold nothing. */
const identityOf = (path: string): string | undefined => {
  if (path === "" || path === "-") return undefined
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return resolve(path)
  return stat.isFile() ? `${stat.dev}:${stat.ino}` : undefined
}
