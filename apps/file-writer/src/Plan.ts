/** What a run is asked to do, and what the parts of it make of that. */
import type { FileSink, Format } from "@fibra/files"
import { Array, type Duration, type Option } from "effect"
import type { Template } from "./Template.ts"
import * as TextRow from "./TextRow.ts"

/** How rows are written. */
export interface Plan {
  readonly output: string
  readonly from: string
  readonly format: "jsonl" | "csv" | "raw" | "parquet"
  /** For CSV and Parquet; empty for a Parquet file that has what its first rows have. */
  readonly columns: ReadonlyArray<string>
  readonly compression: FileSink.Compression
  readonly mode: "append" | "atomic" | "exclusive"
  readonly partition: Option.Option<Template>
  readonly rotate: FileSink.Rotation | undefined
  readonly manifest: boolean
  readonly openFilesMax: number
  readonly fsync: FileSink.Options<never>["fsync"]
  readonly batch: {
    readonly rowsMax?: number | undefined
    readonly bytesMax?: number | undefined
    readonly every?: Duration.Duration | undefined
  }
  readonly bufferRowsMax: number
  readonly whenFull: FileSink.WhenFull
  readonly key: Option.Option<string>
  readonly keysMax: number
  readonly checkpoint: Option.Option<string>
  readonly acknowledges: boolean
  readonly rejects: Option.Option<string>
  readonly schema: Option.Option<string>
  readonly rowBytesMax: number
  readonly json: boolean
}

/** Whether rows are parsed, and not only checked. */
export const needsValues = (plan: Plan): boolean =>
  plan.format === "csv" ||
  plan.format === "parquet" ||
  plan.partition._tag === "Some" ||
  plan.key._tag === "Some" ||
  plan.schema._tag === "Some"

/** Of rows that go to a `FileSink`. */
export const formatOf = ({
  columns,
  format
}: Pick<Plan, "columns" | "format">): Format.Format<TextRow.TextRow> =>
  format === "csv" && Array.isReadonlyArrayNonEmpty(columns)
    ? TextRow.asCsv(columns)
    : TextRow.asText

export const isStdout = (path: string): boolean =>
  ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].includes(path)
