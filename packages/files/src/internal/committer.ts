/** The one writer of a sink: takes groups from the buffer and commits them, one after the other. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Group, GroupBuffer } from "./groupBuffer.ts"
import { reasonOf } from "./reasonOf.ts"
import { step, type StepFailed } from "./steps.ts"
import type { Position, Target } from "./target.ts"

/** How far the files are committed that may be written to before the next commit, by name. */
export interface Lengths {
  readonly [file: string]: { readonly bytes: number; readonly rows: number }
}

/**
 * What is committed in one step: how far the files are then, and what the caller gave with their rows.
 *
 * @since 0.1.0
 */
export interface Commit<Mark> {
  /** To be given back by `load`. It is plain JSON. */
  readonly lengths: Lengths
  /** In the order in which their rows went in; none when only a file was opened. */
  readonly marks: ReadonlyArray<Mark>
  /** Rows of this commit. */
  readonly rows: number
}

/**
 * A place of the caller's where each commit is saved, together with state of the caller's own.
 *
 * Rows count as committed from the moment at which `save` has saved them: rows that are in a file and in
 * no saved commit are cut when the file is opened again. So rows and state are never apart, whatever
 * crashes.
 *
 * @since 0.1.0
 */
export interface CommitHook<Mark> {
  /** The lengths that were saved last; `undefined` when nothing was. */
  readonly load: Effect.Effect<Lengths | undefined, unknown>
  /** Saves it whole or not at all, and returns when it is durable. The rows are durable already. */
  readonly save: (commit: Commit<Mark>) => Effect.Effect<void, unknown>
}

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
