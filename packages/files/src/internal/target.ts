/** Where a sink writes to: the same steps, whatever becomes of the file. */
import type * as Effect from "effect/Effect"
import type { Lengths } from "./commit.ts"
import type { Parts } from "./groupBuffer.ts"
import type { StepFailed } from "./steps.ts"

/** How far a file is committed. */
export interface Position {
  readonly path: string
  readonly bytes: number
  readonly rows: number
}

/** Used by the one writer of a sink, step by step. */
export interface Target {
  /** The file that readers get, with symbolic links resolved. */
  readonly path: string
  /** The file that the rows are in until the sink is finished. */
  readonly rowsPath: string
  /** Whether it is a regular file, so that others can stand beside it. */
  readonly isFile: boolean
  /** Opens the files of these partitions; `true` when one of them was not open before. */
  readonly prepare: (parts: Parts) => Effect.Effect<boolean, StepFailed>
  /** Writes rows, which are not committed yet. */
  readonly write: (parts: Parts) => Effect.Effect<void, StepFailed>
  /** Makes durable what was written. */
  readonly sync: Effect.Effect<void, StepFailed>
  /** How far the open files are written. */
  readonly lengths: () => Lengths
  /** What was written is committed. */
  readonly commitUnsafe: () => void
  /** What is due after a commit. */
  readonly settle: Effect.Effect<void, StepFailed>
  /** How far the file of a partition is committed. */
  readonly position: (partition: string) => Position
  /** Takes back what is not committed, and makes the rest durable. */
  readonly rollback: Effect.Effect<void, StepFailed>
  /** Makes all rows durable, and visible at `path`. */
  readonly finish: Effect.Effect<void, StepFailed>
  /** Makes all rows durable where they are. */
  readonly abandon: Effect.Effect<void, StepFailed>
}
