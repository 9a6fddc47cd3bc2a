/** `file-writer write`: rows from a file or stdin, checked, into one file. */
import { Flags, Program } from "@fibra/cli"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { statSync } from "node:fs"
import { resolve } from "node:path"
import type * as Run from "./Run.ts"
import * as Write from "./Write.ts"

const rowBytesLimit = 256 * 1024 * 1024

const flags = {
  output: Flag.String("output").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("PATH"),
    Flag.withDescription(
      "The file to publish; - is stdout (required). Rows wait in PATH.partial until all are in"
    )
  ),
  from: Flag.String("from").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Where rows come from, one JSON value a line; - is stdin (default -)"),
    Flag.withDefault("-")
  ),
  rejects: Flag.String("rejects").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "Keeps malformed rows as {line, cause, text} (default: the first 10 are shown on stderr)"
    ),
    Flag.optional
  ),
  rowBytesMax: Flags.bytes("row-bytes-max").pipe(
    Flag.filter(
      (bytes) => bytes >= 1 && bytes <= rowBytesLimit,
      () => "--row-bytes-max must be from 1 to 256MiB"
    ),
    Flag.withDescription("Longer rows are rejected, not kept in memory (default 16MiB)"),
    Flag.withDefault(16 * 1024 * 1024)
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription(
      "One JSON object instead of the summary: on stdout, or on stderr with -o - (default false)"
    ),
    Flag.withDefault(false)
  )
}

export const writeCommand = Command.make("write", flags, (options) =>
  Effect.andThen(checkPlaces(options), Write.write(options))
).pipe(
  Command.withDescription(
    "Reads rows, one JSON value a line, and publishes them in one step when all are in.\n\n" +
      "Exit codes: 0 all rows are published, 2 wrong usage, 3 a file or a disk refused, " +
      "8 published without the malformed rows, 130 Ctrl-C, 141 nobody reads stdout any more, " +
      "143 SIGTERM. After 3, 130 and 143 PATH is as it was, and whole rows are in PATH.partial."
  ),
  Command.withShortDescription("Writes rows to a file"),
  Command.withExamples([
    {
      command: "file-writer write -o rows.jsonl < rows.ndjson",
      description: "Check and publish rows from stdin"
    },
    {
      command: "file-writer write --from rows.ndjson -o rows.jsonl --rejects bad.jsonl",
      description: "Keep malformed rows in a file"
    }
  ])
)

/** Input, output and rejects are three files: one that is two of them would lose what it held. */
const checkPlaces = ({ from, output, rejects }: Run.Options) => {
  const places = [
    ["--from", from],
    ["-o", output],
    ["--rejects", Option.getOrElse(rejects, () => "")]
  ] as const
  const taken = new Map<string, string>()
  for (const [flag, path] of places) {
    const identity = identityOf(path)
    const other = identity === undefined ? undefined : taken.get(identity)
    if (other !== undefined) return usage(`${flag} must name a file other than that of ${other}`)
    if (identity !== undefined) taken.set(identity, flag)
  }
  return Option.isSome(rejects) && rejects.value === "-"
    ? usage("--rejects must name a file other than the output")
    : Effect.void
}

const usage = (reason: string) =>
  Effect.fail(
    new Program.Stopped({ exitCode: 2, reason: `${reason} (see file-writer write --help)` })
  )

/** What two names of one file have in common; nothing for pipes and devices, which hold nothing. */
const identityOf = (path: string): string | undefined => {
  if (path === "" || path === "-") return undefined
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return resolve(path)
  return stat.isFile() ? `${stat.dev}:${stat.ino}` : undefined
}
