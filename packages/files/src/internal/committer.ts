/** The one writer of a sink: takes groups from the buffer and commits them, one after the other. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { GroupBuffer } from "./groupBuffer.ts"
import { reasonOf } from "./reasonOf.ts"
import type { StepFailed } from "./steps.ts"
import type { Position, Target } from "./target.ts"

export interface Committer {
  /** Ends when the buffer is ended and empty. After a failure the files hold committed rows only. */
  readonly run: Effect.Effect<void, StepFailed>
  /** What was committed so far. */
  readonly committed: { readonly rows: number; readonly bytes: number }
}

export interface Settings {
  /** Whether a group is durable once it is committed. */
  readonly syncsGroups: boolean
  /** If not: how much later at most; undefined for never. */
  readonly interval: Duration.Duration | undefined
}

export const make = <E>(
  buffer: GroupBuffer<Position, E>,
  target: Target,
  { syncsGroups }: Settings
): Committer => {
  const committed = { rows: 0, bytes: 0 }

  const next = Effect.gen(function* () {
    const group = yield* buffer.take
    if (group === undefined) return false
    yield* target.write(group)
    if (syncsGroups && group.rows > 0) yield* target.sync
    target.commitUnsafe()
    committed.rows += group.rows
    committed.bytes += group.bytes
    buffer.settleUnsafe(target.position)
    yield* target.settle
    return true
  })

  /** The first failure is what counts: of this one only the log is told. */
  const rollback = target.rollback.pipe(
    Effect.catchTag("StepFailed", ({ cause }) =>
      Effect.logWarning(
        `${target.rowsPath} may hold rows that were not committed: ${reasonOf(cause)}`
      )
    )
  )

  const run = Effect.gen(function* () {
    while (yield* next);
  }).pipe(Effect.tapError(() => rollback))

  return { run, committed }
}
