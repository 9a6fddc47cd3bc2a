/** What commands need to know of files that are there, and the flags that say it. */
import { Flags } from "@fibra/cli"
import type { FileSink, Format } from "@fibra/files"
import { Argument, Flag } from "effect/cli"
import * as TextRow from "./TextRow.ts"

export const path = Argument.String("path").pipe(Argument.withMetavar("PATH"))

export const flags = {
  format: Flags.described(
    Flag.Literals("format", ["jsonl", "csv", "raw"]),
    "What its records are; csv with a line of column names",
    "jsonl"
  ),
  compress: Flags.described(
    Flag.Literals("compress", ["none", "gzip", "zstd"]),
    "How file-writer has compressed it",
    "none"
  )
}

export interface Written {
  readonly format: "jsonl" | "csv" | "raw"
  readonly compress: FileSink.Compression
}

/** Records as text, whatever is in them. */
export const reading = ({ compress, format }: Written) => ({
  compression: compress,
  format: {
    ...TextRow.asText,
    quoted: format === "csv",
    header: format === "csv" ? "" : undefined
  } satisfies Format.Format<TextRow.TextRow>
})
