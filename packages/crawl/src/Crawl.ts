/**
 * Crawls from a few URLs to all pages that they lead to, politely and within bounds.
 *
 * @since 0.1.0
 */
import { Fetcher } from "@fibra/http"
import { Semaphore, Task } from "@fibra/tasks"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { CanonicalUrl } from "./CanonicalUrl.ts"
import type { Selector } from "./Extract.ts"
import * as Frontier from "./Frontier.ts"
import { fetchPage, type Reading } from "./internal/fetchPage.ts"
import { fetchRobots, type RobotsAnswer } from "./internal/fetchRobots.ts"
import { settlePage, settleRobots } from "./internal/settle.ts"
import type { Row } from "./Row.ts"

/**
 * What a crawl reports while it runs.
 *
 * @since 0.1.0
 */
export type Event =
  | { readonly _tag: "Row"; readonly row: Row }
  | { readonly _tag: "PageFailed"; readonly url: string; readonly cause: string }
  | { readonly _tag: "HostFailed"; readonly origin: string; readonly cause: string }

/**
 * Where to start, how far to go, and how gently.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Where to start; their hosts are the ones that are crawled. */
  readonly seeds: ReadonlyArray<CanonicalUrl>
  /** The name that robots.txt rules are looked up by. Default `fibra`. */
  readonly productToken?: string
  /** Requests at the same time, in all. Default 16. */
  readonly concurrency?: number
  /** Requests at the same time to one origin. Default 2. */
  readonly perHost?: number
  /** Pause between the starts of two requests to one origin. Default 1 second. */
  readonly delay?: Duration.Input
  /** A longer Crawl-delay than this in a robots.txt is cut to this. Default 60 seconds. */
  readonly crawlDelayMax?: Duration.Input
  /** Links to follow from a seed, at the most. Default 10. */
  readonly depthMax?: number
  /** Pages to fetch, at the most. Default: no bound but `urlsMax`. */
  readonly pagesMax?: number
  /** Distinct URLs to remember. Default 1,000,000. */
  readonly urlsMax?: number
  /** Redirects to follow one after the other. Default 10. */
  readonly redirectsMax?: number
  /** Fields to add to each row. Default none. */
  readonly selectors?: ReadonlyArray<Selector>
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = {
  productToken: "fibra",
  concurrency: 16,
  perHost: 2,
  delay: "1 second",
  crawlDelayMax: "60 seconds",
  depthMax: 10,
  pagesMax: Number.POSITIVE_INFINITY,
  urlsMax: 1_000_000,
  redirectsMax: 10,
  selectors: []
} as const satisfies Required<Omit<Options, "seeds">>

/**
 * The account of a crawl and what it has cost so far.
 *
 * @since 0.1.0
 */
export interface Snapshot extends Frontier.Counts {
  /** Requests that are being answered now. */
  readonly active: number
  /** Responses of any status, those for robots.txt included. */
  readonly responses: number
  /** Bytes of bodies as they were sent. */
  readonly bytesReceived: number
}

/**
 * A crawl that runs once.
 *
 * @since 0.1.0
 */
export interface Crawl {
  /**
   * Fetches until nothing is left or the bound on pages is reached.
   *
   * Pages that fail are counted and reported; only a failure of `onEvent` ends the crawl early. A
   * row counts as done when `onEvent` has returned, and interruption waits for that, so that rows
   * and counts always agree. Interruption aborts all requests; their pages count as left.
   */
  run<E, R>(
    onEvent: (event: Event) => Effect.Effect<void, E, R>
  ): Effect.Effect<void, E, R | Fetcher.Fetcher>
  /** The account so far; also valid during and after `run`, however that ended. */
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * Defect raised when a bound of a crawl is not a number that it can work with.
 *
 * @since 0.1.0
 */
export class CrawlBoundInvalid extends Data.TaggedError("CrawlBoundInvalid")<{
  readonly option: string
  readonly value: number
}> {}

/**
 * Prepares a crawl.
 *
 * ```ts
 * const crawl = yield* Crawl.make({ seeds: [] })
 * const { discovered, done } = yield* crawl.snapshot
 * const sum = discovered + done // => 0
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<Crawl> {
  const settings = { ...defaults, ...options }
  for (const option of ["concurrency", "perHost", "pagesMax", "urlsMax"] as const) {
    const value = settings[option]
    if (!(value >= 1)) return yield* Effect.die(new CrawlBoundInvalid({ option, value }))
  }
  const pace = {
    delay: Duration.fromInputUnsafe(settings.delay),
    crawlDelayMax: Duration.fromInputUnsafe(settings.crawlDelayMax)
  }
  const frontier = Frontier.make({
    ...settings,
    hosts: settings.seeds.map(({ url }) => url.host),
    delayMillis: Duration.toMillis(pace.delay)
  })
  for (const seed of settings.seeds) frontier.add({ ...seed, depth: 0, redirectedFrom: [] })

  const cost = { active: 0, responses: 0, bytesReceived: 0 }
  // One worker at a time waits for the next job, and this wakes it when the frontier has changed.
  const turn = yield* Semaphore.make(1)
  const changed = yield* Queue.sliding<void>(1)

  const takeJob: Effect.Effect<Job | { readonly _tag: "Finished" }> = Effect.gen(function* () {
    while (true) {
      const now = yield* Clock.currentTimeMillis
      const next = frontier.next(now)
      if (next._tag === "Idle") yield* Queue.take(changed)
      else if (next._tag === "WaitUntil") {
        yield* Effect.timeoutOption(Queue.take(changed), Duration.millis(next.millis - now))
      } else return next
    }
  }).pipe(turn.withPermit)

  const measured = (fetcher: Fetcher.Fetcher["Service"]): Fetcher.Fetcher["Service"] => ({
    fetch: (url, headers) =>
      Effect.suspend(() => {
        cost.active += 1
        return fetcher.fetch(url, headers)
      }).pipe(
        Effect.tap(({ bytesSent }) =>
          Effect.sync(() => {
            cost.responses += 1
            cost.bytesReceived += bytesSent
          })
        ),
        Effect.ensuring(Effect.sync(() => void (cost.active -= 1)))
      )
  })

  const visit = (fetcher: Fetcher.Fetcher["Service"], job: Job): Effect.Effect<Visit> => {
    if (job._tag === "FetchPage") {
      const { page } = job
      return Effect.map(fetchPage(fetcher, page, settings), (reading) => ({
        event: pageEvent(page, reading),
        settle: () => settlePage(frontier, page, reading)
      }))
    }
    const { origin } = job
    return Effect.map(fetchRobots(fetcher, origin, settings.productToken), (answer) => ({
      event: hostEvent(origin, answer),
      settle: () => settleRobots(frontier, origin, answer, pace)
    }))
  }

  const run = <E, R>(
    onEvent: (event: Event) => Effect.Effect<void, E, R>
  ): Effect.Effect<void, E, R | Fetcher.Fetcher> =>
    Effect.gen(function* () {
      const fetcher = measured(yield* Fetcher.Fetcher)
      const work = Effect.gen(function* () {
        for (let job = yield* takeJob; job._tag !== "Finished"; job = yield* takeJob) {
          const { event, settle } = yield* visit(fetcher, job)
          // Hazard: an interrupt between the two would leave a row that is not counted as done.
          yield* Effect.uninterruptible(
            Effect.andThen(event === undefined ? Effect.void : onEvent(event), Effect.sync(settle))
          )
          yield* Queue.offer(changed, undefined)
        }
      })
      const workers = Array.from({ length: settings.concurrency }, () => work)
      yield* Task.gather(workers, { concurrency: "unbounded" })
    })

  return { run, snapshot: Effect.sync(() => ({ ...frontier.counts(), ...cost })) }
})

type Job = Exclude<Frontier.Next, { readonly _tag: "WaitUntil" | "Idle" | "Finished" }>

/** What a job has brought: first it is reported, then the frontier is told. */
interface Visit {
  readonly event: Event | undefined
  readonly settle: () => void
}

const pageEvent = (page: Frontier.Page, reading: Reading): Event | undefined => {
  if (reading._tag === "Row") return { _tag: "Row", row: reading.row }
  if (reading._tag !== "Fail") return undefined
  return { _tag: "PageFailed", url: page.key, cause: reading.message }
}

const hostEvent = (origin: string, answer: RobotsAnswer): Event | undefined => {
  if (answer._tag === "Unreachable") {
    return { _tag: "HostFailed", origin, cause: answer.error.message }
  }
  if (answer._tag !== "Unavailable") return undefined
  return { _tag: "HostFailed", origin, cause: "its robots.txt is not available for now" }
}
