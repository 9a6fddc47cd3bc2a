/** The one writer of a sink: takes groups from the buffer and commits them, one after the other. */
import * as Effect from "effect/Effect"
import type { Group, GroupBuffer } from "./groupBuffer.ts"
import type { LogFile } from "./logFile.ts"
import { reasonOf } from "./reasonOf.ts"
import type { StepFailed } from "./steps.ts"

/** When what is written is made durable. */
export type Fsync = "none" | "batch"

/** Ends when the buffer is ended and empty. After a failure the file holds committed rows only. */
export const run = <A, E>(
  buffer: GroupBuffer<A, E>,
  file: LogFile,
  fsync: Fsync,
  committed: (partition: string) => A
): Effect.Effect<void, StepFailed> => {
  const commit = Effect.fnUntraced(function* ({ parts }: Group) {
    for (const part of parts.values()) yield* file.write(part.bytes, part.rows)
    if (fsync === "batch" && parts.size > 0) yield* file.sync
    file.commitUnsafe()
  })

  /** The first failure is what counts: of this one only the log is told. */
  const rollback = file.rollback.pipe(
    Effect.catchTag("StepFailed", ({ cause }) =>
      Effect.logWarning(
        `${file.path} may hold rows after byte ${file.committed.bytes} that were not committed: ${reasonOf(cause)}`
      )
    )
  )

  return Effect.gen(function* () {
    for (;;) {
      const group = yield* buffer.take
      if (group === undefined) return
      yield* Effect.tapError(commit(group), () => rollback)
      buffer.settleUnsafe(committed)
    }
  })
}
