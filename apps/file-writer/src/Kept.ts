/** What became of the rows of an output, so far or for good. */
import type { FileSink } from "@fibra/files"
import { Effect, Exit } from "effect"

export interface Kept {
  readonly rows: number
  readonly bytes: number
  readonly commits: number
  readonly dropped: number
  readonly duplicates: number
  /** Whether the target is whole: a run that was cut short publishes nothing. */
  readonly isPublished: boolean
  /** Whether rows are where they belong once they are committed, also those of earlier runs. */
  readonly isAppended: boolean
  /** What holds the rows, if there are any: a file, or `stdout`. */
  readonly where: string | undefined
  /** Why a place that is no file took no more. */
  readonly failure?: Error | undefined
}

/** Of nothing at all. */
export const none: Kept = {
  rows: 0,
  bytes: 0,
  commits: 0,
  dropped: 0,
  duplicates: 0,
  isPublished: false,
  isAppended: false,
  where: undefined
}

type AnySink = Pick<FileSink.FileSink<never>, "finish" | "path" | "rowsPath" | "snapshot">

/** Only after the scope of the sink has closed: asking ends the sink. */
export const keptBy = (sink: AnySink, isAppended: boolean): Effect.Effect<Kept> =>
  Effect.gen(function* () {
    const isPublished = Exit.isSuccess(yield* Effect.exit(sink.finish))
    const { bytesWritten, commits, dropped, duplicates, written } = yield* sink.snapshot
    const partial = written > 0 ? sink.rowsPath : undefined
    return {
      rows: written,
      bytes: bytesWritten,
      commits,
      dropped,
      duplicates,
      isPublished,
      isAppended,
      where: isPublished ? sink.path : partial
    }
  })
