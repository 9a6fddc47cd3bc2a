/**
 * A crawl that outlives its process: a directory with one SQLite file, used by one process at a time.
 *
 * After a crash, the next process that opens the directory goes on where the last commit was.
 *
 * @since 0.1.0
 */
import * as AtomicFile from "@fibra/files/AtomicFile"
import * as TargetLock from "@fibra/files/TargetLock"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { DatabaseSync, type DatabaseSyncOptions } from "node:sqlite"
import { defaults as urlDefaults, type Options as UrlRules } from "./CanonicalUrl.ts"
import * as Account from "./internal/account.ts"
import { create, robotsUnavailable, schemaVersion, State, versionOf } from "./internal/schema.ts"
import * as Store from "./internal/store.ts"

/**
 * A directory cannot be opened as a job, or its database refuses to work.
 *
 * @since 0.1.0
 */
export class JobFailed extends Data.TaggedError("JobFailed")<{
  readonly directory: string
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `the job ${this.directory}: ${this.reason}`
  }
}

/**
 * A job that is open, and locked while its scope is.
 *
 * @since 0.1.0
 */
export interface Job {
  /** Where it is; `undefined` when it is in memory and ends with its process. */
  readonly directory: string | undefined
  readonly store: Store.Store
  /** Whether an earlier process was killed while it had the job. */
  readonly wasKilled: boolean
}

/**
 * When a commit of the job is safe: `batch` survives the loss of power, `none` the end of the process.
 *
 * @since 0.1.0
 */
export type Fsync = "batch" | "none"

type Files = Effect.Services<ReturnType<typeof AtomicFile.write>>

/**
 * The database in the directory of a job.
 *
 * @since 0.1.0
 */
export const fileName = "crawl.sqlite"

const readme = `This directory is a crawl. Its state is in ${fileName}; run the command that made it again to go on,
or look at it with "scraper status", "scraper why" and "scraper export". Without the directory, the crawl
starts from the beginning.
`

/**
 * Opens the job of a directory, which is created if it is not there.
 *
 * Fails with `TargetLocked` while another process has it, and with `JobFailed` when the directory or the
 * database cannot be used, or is of another version. The lock of a process that is gone is removed.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const directory = `${yield* fs.makeTempDirectoryScoped()}/job`
 * const job = yield* Job.open(directory)
 * job.wasKilled // => false
 * ```
 *
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function* (
  directory: string,
  options?: {
    /** Default `batch`. */
    readonly fsync?: Fsync | undefined
  }
): Effect.fn.Return<Job, JobFailed | TargetLock.TargetLocked, Files | Scope.Scope> {
  const failed = (cause: unknown) => failedIn(directory, cause)
  yield* Effect.mapError(AtomicFile.write(`${directory}/README.txt`, readme), failed)
  const path = `${directory}/${fileName}`
  const { wasKilled } = yield* TargetLock.acquire(path).pipe(
    Effect.catchTag("PlatformError", (cause) => Effect.fail(failed(cause)))
  )
  const database = yield* openDatabase(path, failed)
  return yield* Effect.try({
    try: () => {
      prepare(database, options?.fsync ?? "batch", directory)
      const store = Store.make(database)
      // Others open a job too, before a crawl goes on: the crawl is to know.
      if (wasKilled) store.setValue(Store.killedName, "1")
      return { directory, store, wasKilled: store.value(Store.killedName) === "1" }
    },
    catch: (cause) => (cause instanceof JobFailed ? cause : failed(cause))
  })
})

/**
 * A job in memory, for a crawl that need not survive its process.
 *
 * @since 0.1.0
 */
export const inMemory: Effect.Effect<Job, never, Scope.Scope> = Effect.gen(function* () {
  const database = yield* openDatabase(":memory:", (cause) => cause)
  create(database)
  return { directory: undefined, store: Store.make(database), wasKilled: false }
}).pipe(Effect.orDie)

/**
 * Forgets all that the job knows, so that the crawl starts from the beginning.
 *
 * Files of the output and of the rejects are cut to nothing when these are opened next; their names are
 * those in `FileSink.Commit.lengths`. With `hasArchive` so is the archive of answers.
 *
 * @since 0.1.0
 */
export const restart = (
  { directory, store }: Job,
  outputs: ReadonlyArray<string>,
  rejects: ReadonlyArray<string> = [],
  hasArchive = false
): Effect.Effect<void, JobFailed> =>
  Effect.try({
    try: () => {
      const lengths = (names: ReadonlyArray<string>) =>
        JSON.stringify(Object.fromEntries(names.map((name) => [name, nothing])))
      store.clear({
        [Store.lengthsName]: lengths(outputs),
        ...(rejects.length === 0 ? {} : { [Store.rejectLengthsName]: lengths(rejects) }),
        ...(hasArchive ? { [Store.archiveLengthName]: "0" } : {})
      })
    },
    catch: (cause) => failedIn(directory, cause)
  })

/**
 * Keeps a text in the job under a name, for those who use it.
 *
 * @since 0.1.0
 */
export const remember = (
  { directory, store }: Job,
  name: string,
  text: string
): Effect.Effect<void, JobFailed> =>
  Effect.try({
    try: () => store.setValue(`user:${name}`, text),
    catch: (cause) => failedIn(directory, cause)
  })

/**
 * What the job keeps under a name; `undefined` when that is nothing.
 *
 * @since 0.1.0
 */
export const recall = (
  { directory, store }: Job,
  name: string
): Effect.Effect<string | undefined, JobFailed> =>
  Effect.try({
    try: () => store.value(`user:${name}`),
    catch: (cause) => failedIn(directory, cause)
  })

/**
 * The rules by which the job makes keys of URLs: those of its first crawl, or the defaults.
 *
 * @since 0.1.0
 */
export const urlRules = ({ directory, store }: Job): Effect.Effect<UrlRules, JobFailed> =>
  Effect.try({
    try: () => {
      const saved = store.value(Store.urlsName)
      return saved === undefined ? urlDefaults : { ...urlDefaults, ...JSON.parse(saved) }
    },
    catch: (cause) => failedIn(directory, cause)
  })

const nothing = { bytes: 0, rows: 0 }

/**
 * Opens the job of a directory for looking at it, without a lock, also while a crawl has it.
 *
 * @since 0.1.0
 */
export const look = Effect.fnUntraced(function* (
  directory: string
): Effect.fn.Return<Job, JobFailed, Scope.Scope> {
  const failed = (cause: unknown) =>
    new JobFailed({
      directory,
      reason: `there is none, or it cannot be read (${reasonOf(cause)})`,
      cause
    })
  const database = yield* openDatabase(`${directory}/${fileName}`, failed, { readOnly: true })
  yield* Effect.try({
    try: () => checkVersion(database, directory),
    catch: (cause) => (cause instanceof JobFailed ? cause : failed(cause))
  })
  return { directory, store: Store.make(database), wasKilled: false }
})

/**
 * Queues pages again that may do better now, and says how many they are by cause.
 *
 * These are pages that have failed, by causes such as `status 503` or `connection refused`; those that were
 * skipped as `robots unavailable`; and those that are done and `rejected` by a schema. `isWanted` chooses, and
 * is asked about each cause that the job has.
 *
 * @since 0.1.0
 */
export const retry = (
  { directory, store }: Job,
  isWanted: (cause: string) => boolean
): Effect.Effect<Readonly<Record<string, number>>, JobFailed> =>
  Effect.try({
    try: () =>
      store.transaction(() => {
        const account = Account.load(store)
        const { failedBy, rejected, skippedBy } = account.counts()
        const endings: Array<readonly [state: number, cause: string]> = Object.keys(failedBy).map(
          (cause) => [State.failed, cause]
        )
        const isKept = skippedBy[robotsUnavailable] !== undefined
        if (isKept) endings.push([State.skipped, robotsUnavailable])
        if (rejected > 0) endings.push([State.done, "rejected"])
        const queued: Record<string, number> = {}
        for (const [state, cause] of endings) {
          if (!isWanted(cause)) continue
          const pages = store.requeueAll(state, cause)
          account.reopen(state, cause, pages)
          queued[cause] = pages
        }
        account.save(store)
        return queued
      }),
    catch: (cause) => failedIn(directory, cause)
  })

/**
 * Queues pages again that are done, to see what has changed since, and says how many they are.
 *
 * Those are left out that are fresh: of which the server has said, by `max-age` or `Expires`, that they need not be
 * asked for again yet. Sitemaps that were read are read again, for the pages that are new in them.
 * A job with pages left is in the middle of its work, maybe of a revisit: then nothing is queued.
 *
 * @since 0.1.0
 */
export const revisit = ({
  directory,
  store
}: Job): Effect.Effect<{ readonly queued: number; readonly fresh: number }, JobFailed> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.try({
      try: () =>
        store.transaction(() => {
          const account = Account.load(store)
          if (account.counts().left > 0) return { queued: 0, fresh: 0 }
          const queued = store.requeueDone(now)
          account.revisit(queued, store.doneWithoutRow())
          // They may name pages that are new.
          account.reopen(State.skipped, "sitemap", store.requeueAll(State.skipped, "sitemap"))
          account.save(store)
          return { queued, fresh: account.counts().done }
        }),
      catch: (cause) => failedIn(directory, cause)
    })
  )

const openDatabase = <E>(
  path: string,
  failed: (cause: unknown) => E,
  options?: DatabaseSyncOptions
): Effect.Effect<DatabaseSync, E, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      // Who begins or ends has it for a moment for itself alone, also before those that look at it.
      try: () => new DatabaseSync(path, { timeout: 5000, ...options }),
      catch: failed
    }),
    (database) => Effect.sync(() => database.close())
  )

const prepare = (database: DatabaseSync, fsync: Fsync, directory: string): void => {
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${fsync === "batch" ? "FULL" : "OFF"};
    PRAGMA cache_size = -16384`)
  if (versionOf(database) === 0) return create(database)
  checkVersion(database, directory)
}

const checkVersion = (database: DatabaseSync, directory: string): void => {
  const version = versionOf(database)
  if (version === schemaVersion) return
  const reason = `it is of version ${version}, and this program of ${schemaVersion}; give another directory`
  throw new JobFailed({ directory, reason })
}

/**
 * Wraps what SQLite or the file system has thrown.
 *
 * @since 0.1.0
 */
export const failedIn = (directory: string | undefined, cause: unknown): JobFailed =>
  new JobFailed({ directory: directory ?? "in memory", reason: reasonOf(cause), cause })

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  // The files beside the database do not say that it is the room that lacks.
  const isOfDisk = "errcode" in cause && (Number(cause.errcode) & 0xff) === ioError
  return isOfDisk ? `${cause.message}; is the disk full?` : cause.message
}

/** SQLITE_IOERR, the low byte of all that the system refuses. */
const ioError = 10
