/** Makes a crawl durable: rows and what they mean for the frontier, in one commit. */
import type * as FileSink from "@fibra/files/FileSink"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { Frontier } from "../Frontier.ts"
import { failedIn, type Job, type JobFailed } from "../Job.ts"
import type { Row } from "../Row.ts"
import type { Settlement } from "./settlement.ts"
import { lengthsName } from "./store.ts"

/** Takes what jobs have brought, and commits it soon. */
export interface Committer<E> {
  /** Suspends while too much is uncommitted. Acts when it is called. */
  readonly put: (settlement: Settlement, row: Row | undefined) => Effect.Effect<void, E>
  /** Waits until all that was put is durable. */
  readonly flush: Effect.Effect<void, E>
  /** Commits what is left, and closes. */
  readonly finish: Effect.Effect<void, E>
}

/** A sink of rows that saves its commits here, with the settlements of the rows as marks. */
export type OpenOutput<E, R> = (
  commit: FileSink.CommitHook<Settlement>
) => Effect.Effect<FileSink.FileSink<Schema.Json, Settlement>, E, R>

/** Results of one commit, unless they are more than a tenth of a second apart. */
export const batchMax = 64
export const batchEvery = "100 millis"

/** What has to happen around each commit. */
interface Around {
  readonly job: Job
  readonly frontier: Frontier
  /** Called when a commit has changed the frontier. */
  readonly committed: () => void
}

/**
 * Rows go to the sink. It writes a group of them, makes it durable, and then saves the commit through the
 * hook. What is in its files and in no commit is cut when they are opened again.
 */
export const toSink = Effect.fnUntraced(function* <E, R>(
  open: OpenOutput<E, R>,
  { committed, frontier, job }: Around
): Effect.fn.Return<Committer<FileSink.SinkFailed>, E, R> {
  const { store } = job
  const load = Effect.try({
    try: (): FileSink.Lengths | undefined => {
      const saved = store.value(lengthsName)
      return saved === undefined ? undefined : JSON.parse(saved)
    },
    catch: (cause) => failedIn(job.directory, cause)
  })
  const save = Effect.fnUntraced(function* ({ lengths, marks }: FileSink.Commit<Settlement>) {
    const now = yield* Clock.currentTimeMillis
    const saveLengths = () => store.setValue(lengthsName, JSON.stringify(lengths))
    yield* Effect.try({
      try: () => frontier.commit(marks, now, saveLengths),
      catch: (cause) => failedIn(job.directory, cause)
    })
    committed()
  })
  const sink = yield* open({ load, save })
  return {
    // A row comes from parts that JSON can hold, and the sink waits: the others would be bugs.
    put: (settlement, row) =>
      row === undefined
        ? sink.putMark(settlement)
        : Effect.catchTags(sink.putWith(row, settlement), {
            RowNotEncodable: Effect.die,
            RowDropped: Effect.die
          }),
    flush: sink.flush,
    finish: Effect.asVoid(sink.finish)
  }
})

/** There is no output: rows were given to whoever listens, and count when their page is committed. */
export const toStore = Effect.fnUntraced(function* ({
  committed,
  frontier,
  job: { directory }
}: Around): Effect.fn.Return<Committer<JobFailed>, never, Scope.Scope> {
  let batch: Array<Settlement> = []
  const scope = yield* Effect.scope

  const flush = Effect.gen(function* () {
    if (batch.length === 0) return
    const now = yield* Clock.currentTimeMillis
    const taken = batch
    batch = []
    yield* Effect.try({
      try: () => frontier.commit(taken, now),
      catch: (cause) => failedIn(directory, cause)
    })
    committed()
  })
  const flushLater = Effect.delay(flush, batchEvery).pipe(Effect.ignore, Effect.forkIn(scope))
  yield* Effect.addFinalizer(() => Effect.ignore(flush))
  return {
    put: (settlement) =>
      Effect.suspend(() => {
        batch.push(settlement)
        if (batch.length >= batchMax) return flush
        return batch.length === 1 ? Effect.asVoid(flushLater) : Effect.void
      }),
    flush,
    finish: flush
  }
})
