/**
 * Tells what a job has decided about a URL, and why.
 *
 * It reads the database of a job, also while a crawl is writing to it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Counts } from "./internal/account.ts"
import * as Reconcile from "./internal/reconcile.ts"
import { robotsName } from "./internal/store.ts"
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
  /** The key that the page gives as its own by `rel=canonical`, where that is another one. */
  readonly canonical: string | undefined
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
  LEFT JOIN url AS parent ON parent.id = url.parent WHERE url.key = ?`

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
    const row = job.store.read(query, key)[0]
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
      canonical: textIn(row["canonical"]),
      status: numberIn(row["status"]),
      atMillis: numberIn(row["at"]),
      dueMillis: state === "waiting" ? due : undefined,
      isPostponed: rank! > 0
    }
  })

/**
 * The counts of URLs by state as the rows of the job have them, to hold its account against.
 *
 * @since 0.1.0
 */
export const recount = (
  job: Job
): Effect.Effect<Pick<Counts, "done" | "failed" | "skipped" | "left">, JobFailed> =>
  attempt(job, () => Reconcile.recount(job.store))

/** A sum of the account that is not what the URLs add up to. @since 0.1.0 */
export type { Difference } from "./internal/reconcile.ts"

/**
 * The sums of the account that are not what the URLs of the job add up to, as the last commit has them.
 *
 * There are none, unless a bug, a disk or somebody's hand has changed the job. Reads all URLs: a second
 * for some million.
 *
 * ```ts
 * const job = yield* Job.inMemory
 * yield* Decisions.reconcile(job) // => []
 * ```
 *
 * @since 0.1.0
 */
export const reconcile = (
  job: Job
): Effect.Effect<ReadonlyArray<Reconcile.Difference>, JobFailed> =>
  attempt(job, () => Reconcile.reconcile(job.store))

/**
 * A robots.txt as the job got it last.
 *
 * @since 0.1.0
 */
export interface RobotsFound {
  /** `rules`, `unavailable` or `unreachable`. */
  readonly answer: string
  /** The file, or why there is none. */
  readonly body: string
  /** Whether the last life of the job was told to ignore it. */
  readonly isIgnored: boolean
  /** Milliseconds between the starts of two requests, as it asks for, within bounds. */
  readonly delayMillis: number | undefined
}

/**
 * What robots.txt of an origin said when the job asked for it last.
 *
 * @since 0.1.0
 */
export const robotsOf = (
  job: Job,
  origin: string
): Effect.Effect<RobotsFound | undefined, JobFailed> =>
  attempt(job, () => {
    const row = job.store.read(
      "SELECT robots_answer, robots, delay FROM host WHERE origin = ?",
      origin
    )[0]
    const answer = textIn(row?.["robots_answer"])
    if (answer === undefined) return undefined
    const isIgnored = job.store.value(robotsName) === "ignore"
    const delayMillis = numberIn(row?.["delay"])
    return { answer, body: textIn(row?.["robots"]) ?? "", isIgnored, delayMillis }
  })

const attempt = <A>({ directory }: Job, read: () => A): Effect.Effect<A, JobFailed> =>
  Effect.try({ try: read, catch: (cause) => failedIn(directory, cause) })

const textIn = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined

const numberIn = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined
