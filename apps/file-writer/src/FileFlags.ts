/** What commands need to know of files that are there, and the flags that say it. */
import { Program } from "@fibra/cli"
import type { FileSink, Format } from "@fibra/files"
import { Effect, Option } from "effect"
import { Argument, Flag } from "effect/cli"
import * as FileNames from "./FileNames.ts"
import * as TextRow from "./TextRow.ts"

export const path = Argument.String("path").pipe(Argument.withMetavar("PATH"))

export const flags = {
  format: Flag.Literals("format", ["jsonl", "csv", "raw"]).pipe(
    Flag.withDescription(
      "What its records are; csv with a line of column names (default: by the name, .csv, otherwise jsonl)"
    ),
    Flag.optional
  ),
  compress: Flag.Literals("compress", ["none", "gzip", "zstd"]).pipe(
    Flag.withDescription(`How file-writer has compressed it ${FileNames.byName.compress}`),
    Flag.optional
  )
}

export interface Written {
  readonly format: "jsonl" | "csv" | "raw"
  readonly compress: FileSink.Compression
}

/** What the flags say of a file or else its name. */
export const written = Effect.fnUntraced(function* (parsed: {
  readonly path: string
  readonly format: Option.Option<Written["format"]>
  readonly compress: Option.Option<FileSink.Compression>
}): Effect.fn.Return<Written, Program.Stopped> {
  const format = Option.getOrElse(parsed.format, () => FileNames.formatOf(parsed.path))
  if (format === "parquet") {
    const reason = `${parsed.path}: this reads jsonl, csv and raw; give --format if it is one of them`
    return yield* new Program.Stopped({ exitCode: 2, reason })
  }
  const compress = Option.getOrElse(parsed.compress, () => FileNames.compressionOf(parsed.path))
  return { format, compress }
})

/** Records as text, whatever is in them. */
export const reading = ({ compress, format }: Written) => ({
  compression: compress,
  format: {
    ...TextRow.asText,
    quoted: format === "csv",
    header: format === "csv" ? "" : undefined
  } satisfies Format.Format<TextRow.TextRow>
})
