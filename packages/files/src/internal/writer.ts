/** Moves batches from the buffer of a sink to its file, and counts what arrived there whole. */
import * as Effect from "effect/Effect"
import { reasonOf } from "./reasonOf.ts"
import type { Batch, RowBuffer } from "./rowBuffer.ts"
import type { StepFailed } from "./steps.ts"
import type { TargetFile } from "./targetFile.ts"

export interface Writer {
  /** Ends when the buffer is ended and empty. After a failure the file holds whole rows only. */
  readonly drain: Effect.Effect<void, StepFailed>
  readonly written: { readonly rows: number; readonly bytes: number }
}

const newline = 0x0a

export const makeWriter = <E>(target: TargetFile, buffer: RowBuffer<E>): Writer => {
  const written = { rows: 0, bytes: 0 }

  const writeBatch = Effect.fnUntraced(function* ({ bytes, rows }: Batch) {
    let at = 0
    while (at < bytes.length) {
      at += yield* target
        .write(bytes.subarray(at))
        .pipe(Effect.tapError(() => keepWholeRows(bytes.subarray(0, at))))
    }
    written.rows += rows
    written.bytes += bytes.length
  })

  /** Of a batch that was cut short: counts the rows that are whole and removes the torn one. */
  const keepWholeRows = (taken: Uint8Array) =>
    Effect.suspend(() => {
      const end = taken.lastIndexOf(newline) + 1
      written.rows += taken.subarray(0, end).filter((byte) => byte === newline).length
      written.bytes += end
      return Effect.andThen(target.cutTo(written.bytes), target.abandon(written.bytes === 0))
    }).pipe(
      Effect.catchTag("StepFailed", ({ cause }) =>
        Effect.logWarning(
          `${target.rowsPath} may end in a torn row after byte ${written.bytes}: ${reasonOf(cause)}`
        )
      )
    )

  const drain = Effect.gen(function* () {
    for (;;) {
      const batch = yield* buffer.take
      if (batch === undefined) return
      yield* writeBatch(batch)
      buffer.releaseUnsafe(batch)
    }
  })

  return { drain, written }
}
