/** Where the rows of a sink are when its run is over, however that came. */
import { JsonlSink } from "@fibra/files"
import { Effect, Exit } from "effect"

export interface Kept {
  readonly rows: number
  readonly bytes: number
  /** Whether the target is whole: a run that was cut short publishes nothing. */
  readonly isPublished: boolean
  /** What holds the rows, if there are any: a file, or `stdout`. */
  readonly where: string | undefined
  /** Why a place that is no file took no more. */
  readonly failure?: Error | undefined
}

/** Only after the scope of the sink has closed: asking ends the sink. */
export const keptBy = (sink: JsonlSink.JsonlSink): Effect.Effect<Kept> =>
  Effect.gen(function* () {
    const isPublished = Exit.isSuccess(yield* Effect.exit(sink.finish))
    const { bytesWritten, rowsWritten } = yield* sink.snapshot
    const partial = rowsWritten > 0 ? sink.rowsPath : undefined
    return {
      rows: rowsWritten,
      bytes: bytesWritten,
      isPublished,
      where: isPublished ? sink.path : partial
    }
  })
