/**
 * A job as one commit has left it: for those who look at a crawl that runs, was stopped, or was killed.
 *
 * Looking takes no lock and changes nothing. While a view is open the crawl goes on, and its log of
 * changes grows by what it commits meanwhile.
 *
 * @since 0.1.0
 */
import type { FileSink } from "@fibra/files"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { DatabaseSync } from "node:sqlite"
import * as Account from "./internal/account.ts"
import { type Difference, reconcile } from "./internal/reconcile.ts"
import { schemaVersion, State, versionOf } from "./internal/schema.ts"
import { lengthsName } from "./internal/store.ts"
import { fileName, JobFailed } from "./Job.ts"
import * as Traps from "./Traps.ts"

/**
 * What has become of a URL.
 *
 * `queued`: to be fetched; `waiting`: to be tried again; `skipped`: a rule was against it.
 *
 * @since 0.1.0
 */
export type PageState = keyof typeof State

/**
 * A URL of a job, and what has become of it.
 *
 * @since 0.1.0
 */
export interface Page {
  /** Its canonical URL, as in its row. */
  readonly url: string
  readonly isSitemap: boolean
  readonly state: PageState
  /** The rule that skipped it, or the cause of its last failure. */
  readonly reason: string | null
  /** The same in a sentence. */
  readonly detail: string | null
  readonly status: number | null
  readonly depth: number
  /** The canonical URL of the page that it was first found on; `null` for a seed. */
  readonly foundOn: string | null
  /** What the page gives as its own canonical URL, where that is another one. */
  readonly canonical: string | null
  /** Attempts that have failed and will be made again. */
  readonly attempts: number
  /** When it got its state; `null` when that was at its discovery. */
  readonly atMillis: number | null
}

/**
 * A host of a job. Counts of pages are those of `JobView.work`.
 *
 * @since 0.1.0
 */
export interface Host {
  readonly origin: string
  /** Between the starts of two requests; `undefined` until its robots.txt is known. */
  readonly delayMillis: number | undefined
  /** Why it is asked as it is, in a few words. */
  readonly why: string
  /** Pages to fetch. */
  readonly left: number
  readonly done: number
  readonly failed: number
}

/**
 * What has been done when.
 *
 * @since 0.1.0
 */
export interface Work {
  /** Those with pages left first, and then those with most pages. */
  readonly hosts: ReadonlyArray<Host>
  /** Pages that were done or failed since then. */
  readonly endedSince: number
  /** When the first and the last page were done, failed or put off; `undefined` when none was. */
  readonly firstAtMillis: number | undefined
  readonly lastAtMillis: number | undefined
}

/**
 * A job as one commit has left it, until its scope closes.
 *
 * @since 0.1.0
 */
export interface JobView {
  readonly directory: string
  readonly counts: Account.Counts
  /** How far the files of the output are committed, by name; `undefined` when nothing is. */
  readonly lengths: FileSink.Lengths | undefined
  /** What `Job.remember` has kept. */
  readonly recall: (name: string) => Effect.Effect<string | undefined, JobFailed>
  /** The sums of `counts` that are not what the pages add up to (see `Decisions.reconcile`). */
  readonly reconcile: Effect.Effect<ReadonlyArray<Difference>, JobFailed>
  /** Looks at each page: a second for some million of them. */
  readonly work: (sinceMillis: number, nowMillis: number) => Effect.Effect<Work, JobFailed>
  /** What the crawl was kept out of, the most URLs first. */
  readonly traps: Effect.Effect<ReadonlyArray<Traps.Report>, JobFailed>
  /** At most `limit` pages, in the order in which they were found; 0 is before the first. */
  readonly pages: (afterId: number, limit: number) => Effect.Effect<PageBatch, JobFailed>
}

/**
 * Pages in the order in which they were found.
 *
 * @since 0.1.0
 */
export interface PageBatch {
  readonly pages: ReadonlyArray<Page>
  /** From where to go on: the `afterId` of the next batch. */
  readonly lastId: number
}

/**
 * Opens a view of the job in a directory.
 *
 * Fails with `JobFailed` when there is no job, or one of another version, or one that cannot be read.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const directory = `${yield* fs.makeTempDirectoryScoped()}/job`
 * const missing = yield* Effect.flip(JobView.open(directory))
 * missing.reason // => "there is none, or it cannot be read"
 * yield* Job.open(directory)
 * const view = yield* JobView.open(directory)
 * view.counts.discovered // => 0
 * ```
 *
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function* (
  directory: string,
  options?: {
    /**
     * Reads the database as it is, for a disk that takes no file: to share a database, SQLite writes one
     * beside it. Only where nobody has the job, and its log of changes is empty. Default `false`.
     */
    readonly isStill?: boolean | undefined
  }
): Effect.fn.Return<JobView, JobFailed, Scope.Scope> {
  const path = `${directory}/${fileName}`
  const attempt = <A>(read: () => A): Effect.Effect<A, JobFailed> =>
    Effect.try({
      try: read,
      catch: (cause) => {
        if (cause instanceof JobFailed) return cause
        return new JobFailed({ directory, reason: reasonOf(cause), cause })
      }
    })
  const database = yield* Effect.acquireRelease(
    attempt(() => connect(path, options?.isStill ?? false)),
    (database) => Effect.sync(() => database.close())
  )
  return yield* attempt(() => {
    const version = versionOf(database)
    if (version === 0) throw new JobFailed({ directory, reason: "its crawl has not begun" })
    if (version !== schemaVersion) {
      const reason = `it is of version ${version}, and this program of ${schemaVersion}`
      throw new JobFailed({ directory, reason })
    }
    return make(directory, database, attempt)
  })
})

const make = (
  directory: string,
  database: DatabaseSync,
  attempt: <A>(read: () => A) => Effect.Effect<A, JobFailed>
): JobView => {
  const one = database.prepare("SELECT value FROM state WHERE name = ?")
  const value = (name: string) => one.get(name)?.["value"] as string | undefined
  const lengths = value(lengthsName)
  const pages = database.prepare(pagesQuery)
  return {
    directory,
    counts: Account.load({ value }).counts(),
    lengths: lengths === undefined ? undefined : JSON.parse(lengths),
    recall: (name) => attempt(() => value(`user:${name}`)),
    reconcile: attempt(() => reconcile({ value, read: (sql) => database.prepare(sql).all() })),
    traps: attempt(() => {
      const records = database.prepare(trapsQuery).all()
      return Traps.make({}, records as unknown as Iterable<Traps.StateRecord>).reports()
    }),
    work: (sinceMillis, nowMillis) =>
      attempt(() => {
        const hosts = new Map<number, HostSums>()
        for (const row of database.prepare("SELECT * FROM host").all()) {
          hosts.set(Number(row["id"]), { row, left: 0, done: 0, failed: 0 })
        }
        let endedSince = 0
        let first = Infinity
        let last = -Infinity
        for (const row of database.prepare(workQuery).iterate(sinceMillis)) {
          const { count, firstAt, lastAt, since, state } = row as Record<string, number | null>
          if (firstAt != null) first = Math.min(first, firstAt)
          if (lastAt != null) last = Math.max(last, lastAt)
          if (state === State.done || state === State.failed) endedSince += Number(since)
          const host = hosts.get(Number(row["host"]))
          if (host === undefined) continue
          if (state === State.done) host.done += Number(count)
          else if (state === State.failed) host.failed += Number(count)
          else if (state !== State.skipped) host.left += Number(count)
        }
        return {
          hosts: [...hosts.values()].map((host) => hostOf(host, nowMillis)).toSorted(byWorkLeft),
          endedSince,
          firstAtMillis: first === Infinity ? undefined : first,
          lastAtMillis: last === -Infinity ? undefined : last
        }
      }),
    pages: (afterId, limit) =>
      attempt(() => {
        const rows = pages.all(afterId, limit)
        return { pages: rows.map(pageOf), lastId: Number(rows.at(-1)?.["id"] ?? afterId) }
      })
  }
}

/** All that is read through it is as the commit has it that was the last one now. */
const connect = (path: string, isStill: boolean): DatabaseSync => {
  // With `immutable` SQLite neither locks nor writes, and does not look for a log of changes.
  const name = isStill
    ? `file:${path.split("/").map(encodeURIComponent).join("/")}?immutable=1`
    : path
  const database = new DatabaseSync(name, { readOnly: true, timeout: 5000 })
  try {
    database.exec("BEGIN")
    versionOf(database)
  } catch (cause) {
    database.close()
    throw cause
  }
  return database
}

/** SQLITE_CANTOPEN. */
const cannotOpen = 14

const reasonOf = (cause: unknown): string => {
  const isMissing = Predicate.hasProperty(cause, "errcode") && cause.errcode === cannotOpen
  if (isMissing) return "there is none, or it cannot be read"
  return cause instanceof Error ? cause.message : String(cause)
}

/** Those that have refused URLs. */
const trapsQuery = `SELECT key, value FROM trap WHERE value LIKE '%"by":%'`

const workQuery = `SELECT host, state, count(*) AS count, sum(at > ?) AS since,
  min(at) AS firstAt, max(at) AS lastAt FROM url GROUP BY host, state`

const pagesQuery = `SELECT page.id, page.key, page.state, page.reason, page.detail, page.status,
  page.depth, parent.key AS foundOn, page.canonical, page.attempts, page.at
  FROM url AS page LEFT JOIN url AS parent ON parent.id = page.parent
  WHERE page.id > ? ORDER BY page.id LIMIT ?`

const stateNames = new Map<unknown, PageState>(
  Object.entries(State).map(([name, state]) => [state, name as PageState])
)

const pageOf = (row: Record<string, unknown>): Page => {
  // A key has no fragment, but for what the frontier marks with one.
  const [url, mark] = String(row["key"]).split("#", 2)
  return {
    url: url!,
    isSitemap: mark === "sitemap",
    state: stateNames.get(row["state"])!,
    reason: row["reason"] as string | null,
    detail: row["detail"] as string | null,
    status: row["status"] as number | null,
    depth: Number(row["depth"]),
    foundOn: (row["foundOn"] as string | null)?.split("#", 1)[0] ?? null,
    canonical: row["canonical"] as string | null,
    attempts: Number(row["attempts"]),
    atMillis: row["at"] as number | null
  }
}

interface HostSums {
  readonly row: Record<string, unknown>
  left: number
  done: number
  failed: number
}

const hostOf = ({ done, failed, left, row }: HostSums, nowMillis: number): Host => {
  const delayMillis = (row["delay"] ?? undefined) as number | undefined
  const why = whyOf(row, delayMillis, nowMillis)
  return { origin: String(row["origin"]), delayMillis, why, left, done, failed }
}

const whyOf = (
  row: Record<string, unknown>,
  delayMillis: number | undefined,
  nowMillis: number
): string => {
  const answer = row["robots_answer"]
  const rests = Number(row["next_at"]) - nowMillis
  const failures = Number(row["failures"])
  if (answer === "unavailable" || answer === "unreachable") {
    return `robots.txt ${answer}: ${String(row["robots"])}`
  }
  if (failures > 1) return `${failures} requests without an answer, one after the other`
  if (rests > (delayMillis ?? 0)) return `rests for ${Math.ceil(rests / 1000)} s`
  if (delayMillis === undefined) return "robots.txt is not known yet"
  return delayMillis > 0 ? `a request each ${delayMillis / 1000} s` : "as fast as it answers"
}

const byWorkLeft = (a: Host, b: Host) =>
  b.left - a.left || b.done + b.failed - (a.done + a.failed) || (a.origin < b.origin ? -1 : 1)
