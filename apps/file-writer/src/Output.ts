/** Where good rows go. */
import type { AtomicFile, FileSink, Format } from "@fibra/files"
import type { Effect } from "effect"
import type { Progress } from "./Account.ts"
import type { Kept } from "./Kept.ts"
import type { TextRow } from "./TextRow.ts"

/** Why an output takes no more. */
type OutputFailed = FileSink.SinkFailed | AtomicFile.WriteFailed

/** What to do with a row that is not taken. */
export type Refuse = (
  row: TextRow,
  error: Format.RowNotEncodable
) => Effect.Effect<void, FileSink.SinkFailed>

export interface Output {
  /** Lines of the input that an earlier run has committed, with all that is before them. */
  readonly linesDone: number
  /** Takes rows; waits while the disk or the reader is behind. */
  readonly write: (rows: ReadonlyArray<TextRow>) => Effect.Effect<void, OutputFailed>
  /** Ends when all rows of so many lines are safe: published, committed, or taken by a reader. */
  readonly finish: (lines: number) => Effect.Effect<void, OutputFailed>
  /** How far it is, to be shown while it runs. */
  readonly progress: Effect.Effect<Progress>
  /** What became of the rows; only after the scope has closed. */
  readonly kept: Effect.Effect<Kept>
}
