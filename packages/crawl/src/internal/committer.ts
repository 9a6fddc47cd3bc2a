/** Makes a crawl durable: rows and what they mean for the frontier, in one commit. */
import type * as FileSink from "@fibra/files/FileSink"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { Frontier } from "../Frontier.ts"
import { failedIn, type Job, type JobFailed } from "../Job.ts"
import type { Head, Reject } from "../Row.ts"
import type { Archive } from "./archive.ts"
import type { Settlement } from "./settlement.ts"
import type { Now } from "./steadyClock.ts"

/** Takes what jobs have brought, and commits it soon. */
export interface Committer<E> {
  /** Suspends while too much is uncommitted. Acts when it is called. */
  readonly put: (settlement: Settlement, row: Head | Reject | undefined) => Effect.Effect<void, E>
  /** Waits until all that was put is durable. */
  readonly flush: Effect.Effect<void, E>
  /** Commits what is left, and closes. */
  readonly finish: Effect.Effect<void, E>
}

/** A sink of rows that saves its commits here, with the settlements of the rows as marks. */
export type OpenOutput<E, R> = (
  commit: FileSink.CommitHook<Settlement>
) => Effect.Effect<FileSink.FileSink<Schema.Json, Settlement>, E, R>

/** Takes rows and rejects, and commits both. */
export interface Divided<E> extends Omit<Committer<E>, "put"> {
  readonly putRow: Committer<E>["put"]
  readonly putReject: (settlement: Settlement, reject: Reject) => Effect.Effect<void, E>
}

/**
 * Rows go to one place, and rejects to another, each with the settlements of its pages.
 *
 * Each place has commits of its own. Nothing depends on their order: a page that was found on another is
 * handed out when that one is committed.
 */
export const divided = <E>(rows: Committer<E>, rejects: Committer<E> | undefined): Divided<E> => {
  const { finish, flush, put } = rows
  if (rejects === undefined) {
    return { putRow: put, putReject: (settlement) => put(settlement, undefined), flush, finish }
  }
  return {
    putRow: put,
    putReject: rejects.put,
    flush: Effect.andThen(flush, rejects.flush),
    finish: Effect.andThen(finish, rejects.finish)
  }
}

/** Results of one commit, unless they are more than a tenth of a second apart. */
export const batchMax = 64
export const batchEvery = "100 millis"

/** What has to happen around each commit. */
interface Around {
  readonly job: Job
  readonly frontier: Frontier
  readonly now: Now
  /** Called when a commit has changed the frontier. */
  readonly committed: (settlements: ReadonlyArray<Settlement>) => void
  /** Where answers are kept, if they are. */
  readonly archive?: Archive | undefined
}

/**
 * Rows go to the sink. It writes a group of them, makes it durable, and then saves the commit through the
 * hook. What is in its files and in no commit is cut when they are opened again.
 */
export const toSink = Effect.fnUntraced(function* <E, R>(
  open: OpenOutput<E, R>,
  lengthsName: string,
  { archive, committed, frontier, job, now }: Around
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
    const saveWith = (alongside: () => void) =>
      Effect.try({
        try: () =>
          frontier.commit(marks, now(), () => {
            store.setValue(lengthsName, JSON.stringify(lengths))
            alongside()
          }),
        catch: (cause) => failedIn(job.directory, cause)
      })
    yield* archive === undefined ? saveWith(() => {}) : archive.commitWith(marks, saveWith)
    committed(marks)
  })
  const sink = yield* open({ load, save })
  return {
    // What is written was found to have a form in JSON, and the sink waits: failures would be bugs.
    put: (settlement, row) =>
      row === undefined
        ? sink.putMark(settlement)
        : Effect.catchTags(sink.putWith(row as Schema.Json & (Head | Reject), settlement), {
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
  job: { directory },
  now
}: Around): Effect.fn.Return<Committer<JobFailed>, never, Scope.Scope> {
  // Kept until it is committed. After a failure nothing is, and whoever asks is told.
  let batch: Array<Settlement> = []
  let failure: JobFailed | undefined
  let isKnown = false

  const flush = Effect.try({
    try: () => {
      if (failure !== undefined) throw failure
      if (batch.length > 0) frontier.commit(batch, now())
      committed(batch)
      batch = []
    },
    catch: (cause) => (failure ??= failedIn(directory, cause))
  })
  const flushLater = Effect.delay(flush, batchEvery).pipe(
    // There is nobody here to be told: the next one who comes is, or the log.
    Effect.ignore,
    Effect.forkScoped
  )
  const told = <A>(self: Effect.Effect<A, JobFailed>) =>
    Effect.tapError(self, () => Effect.sync(() => (isKnown = true)))

  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(flush)
      if (Exit.isFailure(exit) && !isKnown) {
        yield* Effect.logError("results of a crawl were not committed", exit.cause)
      }
    })
  )
  const scope = yield* Effect.scope
  return {
    put: (settlement) =>
      Effect.suspend(() => {
        batch.push(settlement)
        if (failure !== undefined || batch.length >= batchMax) return told(flush)
        if (batch.length > 1) return Effect.void
        return Effect.asVoid(Effect.provideService(flushLater, Scope.Scope, scope))
      }),
    flush: told(flush),
    finish: told(flush)
  }
})
