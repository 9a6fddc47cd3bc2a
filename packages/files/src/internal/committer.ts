/** The one writer of a sink: takes groups from the buffer and commits them, one after the other. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Commit, CommitHook } from "./commit.ts"
import type { Group, GroupBuffer } from "./groupBuffer.ts"
import { reasonOf } from "./reasonOf.ts"
import { step, type StepFailed } from "./steps.ts"
import type { Position, Target } from "./target.ts"

export interface Committer {
  /** Ends when the buffer is ended and empty. After a failure the files hold committed rows only. */
  readonly run: Effect.Effect<void, StepFailed>
  /** What was committed so far. */
  readonly committed: { readonly rows: number; readonly bytes: number; readonly commits: number }
}

export interface Settings<Mark> {
  /** How long after a commit it may be that it is durable: zero, some time, or never. */
  readonly syncWithin: Duration.Duration
  readonly hook: CommitHook<Mark> | undefined
}

export const make = <E, Dropped, Mark>(
  buffer: GroupBuffer<Position, E, Dropped, Mark>,
  target: Target,
  { hook, syncWithin }: Settings<Mark>
): Committer => {
  const committed = { rows: 0, bytes: 0, commits: 0 }
  const interval = Duration.toMillis(syncWithin)
  // Since when there are commits that are not durable.
  let unsyncedSince: number | undefined

  const save = (commit: Omit<Commit<Mark>, "lengths">) =>
    hook === undefined
      ? Effect.void
      : step("commit", target.path, hook.save({ lengths: target.lengths(), ...commit }))

  const sync = Effect.gen(function* () {
    yield* target.sync
    unsyncedSince = undefined
  })

  const commit = Effect.fnUntraced(function* ({ bytes, load, marks, rows }: Group<Mark>) {
    const parts = yield* load
    const hasOpened = yield* target.prepare(parts)
    if (hasOpened) yield* save({ marks: [], rows: 0 })
    yield* target.write(parts)
    if (interval === 0) yield* sync
    if (rows > 0 || marks.length > 0) yield* save({ marks, rows })
    target.commitUnsafe()
    committed.rows += rows
    committed.bytes += bytes
    if (rows > 0) committed.commits++
    buffer.settleUnsafe(target.position)
    yield* target.settle
    if (interval > 0 && Number.isFinite(interval)) yield* syncIfDue
  })

  const syncIfDue = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    unsyncedSince ??= now
    if (now - unsyncedSince >= interval) yield* sync
  })

  const untilSync = Effect.map(Clock.currentTimeMillis, (now) =>
    unsyncedSince === undefined
      ? Duration.infinity
      : Duration.millis(Math.max(0, unsyncedSince + interval - now))
  )

  /** The first failure is what counts: of this one only the log is told. */
  const rollback = target.rollback.pipe(
    Effect.catchTag("StepFailed", ({ cause }) =>
      Effect.logWarning(
        `${target.rowsPath} may hold rows that were not committed: ${reasonOf(cause)}`
      )
    )
  )

  const run = Effect.gen(function* () {
    for (;;) {
      const group = yield* buffer.take(yield* untilSync)
      if (group === "ended") return
      yield* group === "idle" ? sync : commit(group)
    }
  }).pipe(Effect.tapError(() => rollback))

  return { run, committed }
}
