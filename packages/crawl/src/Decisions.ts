/**
 * Tells what a job has decided: about one URL and why, and about all of them in numbers.
 *
 * It reads the database of a job, also while a crawl is writing to it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Counts } from "./internal/account.ts"
import * as Account from "./internal/account.ts"
import { keyHash } from "./internal/keyHash.ts"
import { State } from "./internal/schema.ts"
import { failedIn, type Job, type JobFailed } from "./Job.ts"

/**
 * What has become of a URL.
 *
 * @since 0.1.0
 */
export interface Decision {
  /** The key by which the job knows it. */
  readonly key: string
  readonly state: "queued" | "waiting" | "done" | "failed" | "skipped"
  /** The rule that skipped or postponed it, or the cause of its last failure. */
  readonly reason: string | undefined
  /** The same in a sentence. */
  readonly detail: string | undefined
  readonly depth: number
  /** The key of the page that it was first found on; `undefined` for seeds. */
  readonly foundOn: string | undefined
  /** The keys of the pages that were redirected, one after the other, to here. */
  readonly redirectedFrom: ReadonlyArray<string>
  /** Attempts that failed, and were or will be made again. */
  readonly attempts: number
  /** The status of the response that ended it. */
  readonly status: number | undefined
  /** When it got its state; milliseconds since 1970. */
  readonly atMillis: number | undefined
  /** When it is tried again. */
  readonly dueMillis: number | undefined
  /** Whether it comes after everything else of its host. */
  readonly isPostponed: boolean
}

const stateNames = ["queued", "waiting", "done", "failed", "skipped"] as const

const query = `SELECT url.*, parent.key AS found_on FROM url
  LEFT JOIN url AS parent ON parent.id = url.parent WHERE url.hash = ? AND url.key = ?`

/**
 * What a job has decided about the URL with a key; `undefined` when no page has led to it.
 *
 * ```ts
 * const job = yield* Job.inMemory
 * const [seed] = [Result.getOrThrow(CanonicalUrl.fromLink("http://shop.example/"))]
 * yield* Crawl.make({ seeds: [seed], job })
 * const decision = yield* Decisions.explain(job, seed.key)
 * decision?.state // => "queued"
 * ```
 *
 * @since 0.1.0
 */
export const explain = (job: Job, key: string): Effect.Effect<Decision | undefined, JobFailed> =>
  attempt(job, () => {
    const row = job.store.read(query, keyHash(key), key)[0]
    if (row === undefined) return undefined
    const state = stateNames[Number(row["state"])]!
    const { attempts, depth, due, rank } = row as Record<string, number>
    return {
      key,
      state,
      reason: textIn(row["reason"]),
      detail: textIn(row["detail"]),
      depth: depth!,
      foundOn: textIn(row["found_on"]),
      redirectedFrom: row["via"] === null ? [] : JSON.parse(String(row["via"])),
      attempts: attempts!,
      status: numberIn(row["status"]),
      atMillis: numberIn(row["at"]),
      dueMillis: state === "waiting" ? due : undefined,
      isPostponed: rank! > 0
    }
  })

/**
 * A job in numbers.
 *
 * @since 0.1.0
 */
export interface Status extends Counts {
  readonly hosts: ReadonlyArray<HostStatus>
  /** The latest failures, one of each cause. */
  readonly failures: ReadonlyArray<{ readonly url: string; readonly cause: string }>
}

/**
 * A host in numbers.
 *
 * @since 0.1.0
 */
export interface HostStatus {
  readonly origin: string
  readonly left: number
  readonly done: number
  readonly failed: number
  /** `rules`, `unavailable`, `unreachable`, or `undefined` when its robots.txt was not asked for. */
  readonly robots: string | undefined
  readonly delayMillis: number | undefined
}

const hostsQuery = `SELECT host.origin, host.robots_answer AS robots, host.delay,
    sum(url.state IN (${State.queued}, ${State.waiting})) AS left,
    sum(url.state = ${State.done}) AS done, sum(url.state = ${State.failed}) AS failed
  FROM host JOIN url ON url.host = host.id GROUP BY host.id ORDER BY count(*) DESC LIMIT ?`

const failuresQuery = `SELECT reason, key, max(at) FROM url WHERE state = ${State.failed}
  GROUP BY reason ORDER BY count(*) DESC LIMIT 10`

/**
 * A job in numbers, with its largest hosts, at most so many. It reads all URLs.
 *
 * @since 0.1.0
 */
export const status = (job: Job, hostsMax = 10): Effect.Effect<Status, JobFailed> =>
  attempt(job, () => ({
    ...Account.load(job.store).counts(),
    hosts: job.store.read(hostsQuery, hostsMax).map((row) => ({
      origin: String(row["origin"]),
      left: Number(row["left"]),
      done: Number(row["done"]),
      failed: Number(row["failed"]),
      robots: textIn(row["robots"]),
      delayMillis: numberIn(row["delay"])
    })),
    failures: job.store.read(failuresQuery).map((row) => ({
      url: String(row["key"]),
      cause: String(row["reason"])
    }))
  }))

/**
 * The counts of URLs by state as the rows of the job have them, to hold its account against.
 *
 * @since 0.1.0
 */
export const recount = (
  job: Job
): Effect.Effect<Pick<Counts, "done" | "failed" | "skipped" | "left">, JobFailed> =>
  attempt(job, () => {
    const found = job.store.read("SELECT state, count(*) AS count FROM url GROUP BY state")
    const of = (...states: ReadonlyArray<number>) =>
      found
        .filter(({ state }) => states.includes(Number(state)))
        .reduce((sum, { count }) => sum + Number(count), 0)
    return {
      done: of(State.done),
      failed: of(State.failed),
      skipped: of(State.skipped),
      left: of(State.queued, State.waiting)
    }
  })

/**
 * What robots.txt of an origin said when the job asked for it last.
 *
 * @since 0.1.0
 */
export const robotsOf = (
  job: Job,
  origin: string
): Effect.Effect<{ readonly answer: string; readonly body: string } | undefined, JobFailed> =>
  attempt(job, () => {
    const row = job.store.read("SELECT robots_answer, robots FROM host WHERE origin = ?", origin)[0]
    const answer = textIn(row?.["robots_answer"])
    return answer === undefined ? undefined : { answer, body: textIn(row?.["robots"]) ?? "" }
  })

const attempt = <A>({ directory }: Job, read: () => A): Effect.Effect<A, JobFailed> =>
  Effect.try({ try: read, catch: (cause) => failedIn(directory, cause) })

const textIn = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined

const numberIn = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined
