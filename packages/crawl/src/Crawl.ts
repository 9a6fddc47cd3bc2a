/**
 * Crawls from a few URLs to all pages that they lead to, politely and within bounds.
 *
 * @since 0.1.0
 */
import type * as FileSink from "@fibra/files/FileSink"
import * as Fetcher from "@fibra/http/Fetcher"
import { BodyTooLarge } from "@fibra/http/FetchError"
import * as Task from "@fibra/tasks/Task"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import type * as Schema from "effect/Schema"
import type * as EffectScope from "effect/Scope"
import {
  type CanonicalUrl,
  defaults as urlDefaults,
  type Options as UrlRules
} from "./CanonicalUrl.ts"
import { claimUrlRules } from "./internal/urlRules.ts"
import type { Selector } from "./Extract.ts"
import * as Frontier from "./Frontier.ts"
import * as Archive from "./internal/archive.ts"
import type { OpenArchive } from "./internal/archive.ts"
import * as Committer from "./internal/committer.ts"
import * as Jobs from "./internal/jobs.ts"
import { killedName, lengthsName, rejectLengthsName, robotsName } from "./internal/store.ts"
import * as Owners from "./internal/owners.ts"
import * as SteadyClock from "./internal/steadyClock.ts"
import * as ToRow from "./internal/toRow.ts"
import * as Visits from "./internal/visits.ts"
import * as Job from "./Job.ts"
import * as Resolver from "./internal/resolver.ts"
import type { LinkFilter } from "./LinkFilter.ts"
import * as Latencies from "./Latencies.ts"
import * as Scope from "./internal/scope.ts"
import * as Robots from "./Robots.ts"
import type { Fields, Row } from "./Row.ts"
import * as Traps from "./Traps.ts"

/** What a crawl reports while it runs. @since 0.1.0 */
export type { Event } from "./internal/visits.ts"

/** How far from its seeds a crawl goes. @since 0.1.0 */
export type { Scope } from "./internal/scope.ts"

/** Opens the file that answers are kept in. @since 0.1.0 */
export type { OpenArchive } from "./internal/archive.ts"

/** Opens what rows are written to. @since 0.1.0 */
export type { OpenOutput } from "./internal/committer.ts"

/** What an answer is kept with. @since 0.1.0 */
export type { Answer } from "./internal/visits.ts"

/**
 * Where to start, how far to go, and how gently.
 *
 * @since 0.1.0
 */
export interface Options<E = never, R = never, A = Fields> {
  /** Where to start; their hosts are the ones that are crawled. */
  readonly seeds: ReadonlyArray<CanonicalUrl>
  /** Where the crawl lives (see `Job`). Default: in memory, so that it ends with its process. */
  readonly job?: Job.Job | undefined
  /** Opens a sink that rows are written to (see {@link output}). Default: rows are events only. */
  readonly output?: Committer.OpenOutput<E, R> | undefined
  /**
   * How keys are made of URLs, for links, redirects and sitemaps; make `seeds` with the same. A job has the
   * rules of its first crawl, and fails with others: it would fetch pages again. Default: `CanonicalUrl.defaults`.
   */
  readonly urls?: UrlRules
  /** Whether a page gives a row; it is done in any case. Asked before `schema`. Default: all do. */
  readonly keeps?: ((row: Row) => boolean) | undefined
  /**
   * Makes rows of titles and fields, which must be objects, and with an `output` of what JSON has a form for.
   * Pages that do not fit are done, followed, and rejected. Default: rows have titles and fields as they are.
   */
  readonly schema?: Schema.ConstraintDecoder<A> | undefined
  /**
   * Which pages are one in the output. `url` (default): those with one key, which are fetched once anyway.
   * `canonical`: those that name one page by `rel=canonical`, too; the first of them that is read gives the row.
   */
  readonly dedupe?: "url" | "canonical"
  /**
   * Opens a sink for what the schema rejects, `{ url, cause, fields }`, which is committed as rows are.
   * Default: rejects are events only.
   */
  readonly rejects?: Committer.OpenOutput<E, R> | undefined
  /**
   * Keeps an answer that a page or a sitemap ends with, before that is committed: pages, redirects, errors,
   * but not those after which it is asked for again, or which say that nothing has changed. It may be
   * called again for a page after a crash. The bytes that it gives go into the `archive`. Default: nothing.
   */
  readonly keepAnswer?:
    | ((answer: Visits.Answer) => Effect.Effect<Uint8Array | undefined, E, R>)
    | undefined
  /**
   * Opens the file for what `keepAnswer` gives. It is committed with the pages, so that after a crash each
   * answer is in it once and whole; answers that wait for this are 16 MiB at the most, and one more. Only
   * with an `output`, whose failure a failure of it is. Default: none.
   */
  readonly archive?: OpenArchive<E, R> | undefined
  /**
   * Whether what robots.txt forbids is left alone, and its Crawl-delay kept, and pages are not followed that ask
   * for that by meta or X-Robots-Tag. Default `obey`.
   *
   * `ignore` is for sites of one's own. The file is still asked for, so that its sitemaps are known, and
   * `Decisions` can tell what it would have forbidden; also when it is not available the host is crawled.
   */
  readonly robots?: "obey" | "ignore"
  /** Whether links with `rel=nofollow` are left alone. Default `obey`. */
  readonly nofollow?: "obey" | "ignore"
  /** The name that robots.txt rules are looked up by. Default `fibra`. */
  readonly productToken?: string
  /** Requests at the same time, in all. Default 16. */
  readonly concurrency?: number
  /** Requests at the same time to one origin. Default 2. */
  readonly perHost?: number
  /** Pause between the starts of two requests to one origin. Default 1 second. */
  readonly delay?: Duration.Input
  /**
   * How much longer or shorter a pause may be by chance, as a share of it, from 0 to 1; never shorter than
   * what the site asks for. Default 0.
   */
  readonly jitter?: number
  /**
   * Whether a host is asked more slowly when it is slow: with a `delay`, no sooner than it takes to answer;
   * and when it answers 429: with a pause that each of these doubles, from `retryDelay` up to a minute,
   * and that other answers shorten. Forgotten at the end of the process. Default `false`.
   */
  readonly adaptive?: boolean
  /** A longer Crawl-delay than this in a robots.txt is cut to this. Default 60 seconds. */
  readonly crawlDelayMax?: Duration.Input
  /** Attempts at a page after the first, when its failure may pass. Default 3. */
  readonly retriesMax?: number
  /**
   * The first of them comes within this time, each next one within twice as much, up to a minute. A host
   * that leaves two requests without an answer rests as long. Default 1 second.
   */
  readonly retryDelay?: Duration.Input
  /** A longer Retry-After than this is cut to this. Default 10 minutes. */
  readonly retryAfterMax?: Duration.Input
  /** Links to follow from a seed, at the most. Default 10. */
  readonly depthMax?: number
  /**
   * Which URLs belong to the crawl. `host` (default): those of the seeds' hosts, and of the host that a
   * seed redirects to; `domain`: of the domains that were registered for these; `prefix`: below the
   * folders of the seeds; `all`: everything.
   */
  readonly scope?: Scope.Scope
  /** Of these only URLs whose key matches one. Default: all. */
  readonly include?: ReadonlyArray<RegExp>
  /** And none whose key matches one of these. Default: none. */
  readonly exclude?: ReadonlyArray<RegExp>
  /**
   * Which page of a host comes first: `bfs` (default) the one that was found first, so that a site is
   * crawled level by level; `dfs` the one that was found last, of those that are committed.
   */
  readonly order?: Frontier.Order
  /** Whether to start from the sitemaps that robots.txt names, too. Default `false`. */
  readonly sitemaps?: boolean
  /**
   * The bounds of what looks like a trap (see `Traps`); `false` switches them off. Default: those of
   * `Traps`, but with 100,000 URLs of one pattern, since there are large catalogues, and with 50 pages
   * that are alike on small sites too, since thin pages may be.
   */
  readonly traps?: Traps.Options | false
  /** Pages to fetch, at the most, in all lives of the job. Default: no bound but `urlsMax`. */
  readonly pagesMax?: number
  /** No page is started after this time. Default: no limit. */
  readonly timeMax?: Duration.Input
  /** No page is started after so many bytes were received. Default: no limit. */
  readonly bytesMax?: number
  /** URLs of one host to take; those that are found later are skipped as `host full`. Default: no bound. */
  readonly hostUrlsMax?: number
  /** Distinct URLs to remember. Default 10,000,000. */
  readonly urlsMax?: number
  /** Redirects to follow one after the other. Default 10. */
  readonly redirectsMax?: number
  /** Of the links of pages only those in certain places are followed. Default: all. */
  readonly follow?: ReadonlyArray<LinkFilter>
  /**
   * Types of content that is binary and gives a row nevertheless, such as `application/pdf` or `image/*`:
   * without a title, with empty fields. Default: none.
   */
  readonly accept?: ReadonlyArray<string>
  /** Fields to add to each row. Default none. */
  readonly selectors?: ReadonlyArray<Selector>
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = {
  urls: urlDefaults,
  robots: "obey",
  nofollow: "obey",
  dedupe: "url",
  productToken: "fibra",
  concurrency: 16,
  perHost: 2,
  delay: "1 second",
  jitter: 0,
  adaptive: false,
  crawlDelayMax: "60 seconds",
  retriesMax: 3,
  retryDelay: "1 second",
  retryAfterMax: "10 minutes",
  depthMax: 10,
  scope: "host",
  include: [],
  exclude: [],
  order: "bfs",
  sitemaps: false,
  traps: { patternUrlsStop: 100_000, share: 1 },
  pagesMax: Number.POSITIVE_INFINITY,
  timeMax: Duration.infinity,
  bytesMax: Number.POSITIVE_INFINITY,
  hostUrlsMax: Number.POSITIVE_INFINITY,
  urlsMax: 10_000_000,
  redirectsMax: 10,
  follow: [],
  accept: [],
  selectors: []
} as const satisfies Required<
  Omit<
    Options,
    "seeds" | "job" | "output" | "keeps" | "schema" | "rejects" | "keepAnswer" | "archive"
  >
>

/**
 * The bound at which a crawl has stopped, with pages left.
 *
 * `hosts`: all that is left belongs to hosts that do not answer for now.
 *
 * @since 0.1.0
 */
export type Stop = Jobs.Stop

/**
 * The account of a crawl over all lives of its job, as it was committed, and what this life has cost.
 *
 * @since 0.1.0
 */
export interface Snapshot extends Frontier.Counts {
  /** Requests that are being answered now. */
  readonly active: number
  /** Responses of any status, those for robots.txt included, in this life. */
  readonly responses: number
  /** Bytes of bodies as they were sent, in this life. */
  readonly bytesReceived: number
  /** Hosts that have answered at least one request, in any life. */
  readonly hostsAnswered: number
  /** Why it has stopped, if that was not because nothing was left. */
  readonly stoppedAt: Stop | undefined
}

/**
 * A crawl that runs once.
 *
 * @since 0.1.0
 */
export interface Crawl<E = never, R = never, A = Fields> {
  /**
   * Fetches until nothing is left or a bound is reached.
   *
   * Pages that fail are counted and reported; only a failure of `onEvent`, of the output or of the job
   * ends the crawl early. A row counts as done when it is committed, after `onEvent` has returned; so does
   * a reject.
   * Interruption aborts all requests, commits what has been answered, and leaves the rest in the job.
   */
  readonly run: <E1 = never, R1 = never>(
    onEvent?: (event: Visits.Event<A>) => Effect.Effect<void, E1, R1>
  ) => Effect.Effect<
    void,
    E | E1 | FileSink.SinkFailed | Job.JobFailed,
    Exclude<R, EffectScope.Scope> | Exclude<R1, EffectScope.Scope> | Fetcher.Fetcher
  >
  /** The account so far; also valid during and after `run`, however that ended. */
  readonly snapshot: Effect.Effect<Snapshot>
  /** How long the responses took, in this life. */
  readonly latencies: Effect.Effect<Latencies.Latencies>
  /** What it was kept out of in all lives of its job, the most URLs first. */
  readonly traps: Effect.Effect<ReadonlyArray<Traps.Report>>
  /** The hosts that hold the crawl up, at most so many, with the reason. */
  readonly slowest: (limit: number) => Effect.Effect<ReadonlyArray<Frontier.SlowHost>>
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
 * Defect raised when answers are to be kept in an archive, and there is no output to commit it with.
 *
 * @since 0.1.0
 */
export class ArchiveWithoutOutput extends Data.TaggedError("ArchiveWithoutOutput") {
  override get message(): string {
    return "an archive is committed with rows: give an output, too"
  }
}

/**
 * What the options of a sink should be, besides its path and format: commits of 64 pages, or of those of
 * a tenth of a second.
 *
 * ```ts
 * import * as FileSink from "@fibra/files/FileSink"
import * as Format from "@fibra/files/Format"
 * import * as Fetcher from "@fibra/http/Fetcher"
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/pages.jsonl`
 * const crawl = yield* Crawl.make({
 *   seeds: [],
 *   output: (commit) => FileSink.make({ path, format: Format.jsonl, commit, ...Crawl.batches })
 * })
 * yield* crawl.run().pipe(Effect.provide(Fetcher.layerNode()))
 * yield* fs.readFileString(path) // => ""
 * ```
 *
 * @since 0.1.0
 */
export const batches = {
  batchRowsMax: Committer.batchMax,
  batchEvery: Committer.batchEvery,
  bufferRowsMax: 8 * Committer.batchMax
} as const

/**
 * Prepares a crawl; a job that is not at its end goes on.
 *
 * ```ts
 * const crawl = yield* Crawl.make({ seeds: [] })
 * const { discovered, done } = yield* crawl.snapshot
 * const sum = discovered + done // => 0
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* <E = never, R = never, A = Fields>(
  options: Options<E, R, A>
): Effect.fn.Return<Crawl<E, R, A>, Job.JobFailed, EffectScope.Scope> {
  const settings = { ...defaults, ...options }
  for (const option of [
    "concurrency",
    "perHost",
    "pagesMax",
    "bytesMax",
    "hostUrlsMax",
    "urlsMax"
  ] as const) {
    const value = settings[option]
    if (!(value >= 1)) return yield* Effect.die(new CrawlBoundInvalid({ option, value }))
  }
  if (options.archive !== undefined && options.output === undefined) {
    return yield* Effect.die(new ArchiveWithoutOutput())
  }
  const job = options.job ?? (yield* Job.inMemory)
  const millis = {
    delay: Duration.toMillis(settings.delay),
    crawlDelayMax: Duration.toMillis(settings.crawlDelayMax),
    retry: Duration.toMillis(settings.retryDelay),
    retryAfterMax: Duration.toMillis(settings.retryAfterMax),
    timeMax: Duration.toMillis(settings.timeMax)
  }
  const ignoresRobots = settings.robots === "ignore"
  yield* claimUrlRules(job, settings.urls)
  const parseRobots = (body: string) => {
    const robots = Robots.parse(body, settings.productToken)
    if (ignoresRobots) {
      const { sitemaps } = robots
      return { robots: { ...Robots.allowAll, sitemaps }, delayMillis: millis.delay }
    }
    const asked = Duration.toMillis(robots.crawlDelay ?? Duration.zero)
    return { robots, delayMillis: Math.max(millis.delay, Math.min(asked, millis.crawlDelayMax)) }
  }
  const seedKeys = new Set(settings.seeds.map(({ key }) => key))
  const policy = {
    retriesMax: settings.retriesMax,
    retryMillis: millis.retry,
    retryAfterMaxMillis: millis.retryAfterMax,
    ignoresRobots,
    isSeed: (key: string) => seedKeys.has(key),
    parseRobots
  }
  const owners = settings.dedupe === "canonical" ? Owners.make(job.store) : undefined
  const toRow = ToRow.make({
    keeps: options.keeps,
    schema: options.schema,
    ownerOf: owners?.claim ?? (() => undefined),
    isWritten: options.output !== undefined
  })
  const urlLengthMax = settings.urls.lengthMax ?? urlDefaults.lengthMax
  const clock = yield* Clock.clockWith(Effect.succeed)
  const now = yield* SteadyClock.make
  const startMillis = now()
  const inScope = Scope.make({ ...settings, isAdmitted: (host) => frontier.isAdmitted(host) })
  const refusalOf = (found: Frontier.Found): Frontier.Refusal | undefined => {
    // Who names a sitemap speaks for it.
    if (found.isSitemap === true) return undefined
    const detail = "only links with rel=nofollow lead to it"
    return (
      inScope(found) ?? (found.isNofollow === true ? { reason: "nofollow", detail } : undefined)
    )
  }
  const attempt = <A>(use: () => A): Effect.Effect<A, Job.JobFailed> =>
    Effect.try({ try: use, catch: (cause) => Job.failedIn(job.directory, cause) })
  const { jitter } = settings
  const random = yield* Random.Random
  const traps = yield* attempt(() =>
    settings.traps === false
      ? undefined
      : Traps.make({ urlLengthMax, ...settings.traps }, job.store.traps())
  )
  const frontier: Frontier.Frontier = yield* attempt(() =>
    Frontier.make({
      store: job.store,
      refusalOf,
      traps,
      order: settings.order,
      perHost: settings.perHost,
      delayMillis: millis.delay,
      pauseFactor:
        jitter === 0 ? undefined : () => 1 + jitter * (2 * random.nextDoubleUnsafe() - 1),
      isAdaptive: settings.adaptive,
      restMillis: millis.retry,
      depthMax: settings.depthMax,
      hostUrlsMax: settings.hostUrlsMax,
      pagesMax: settings.pagesMax,
      urlsMax: settings.urlsMax,
      parseRobots,
      nowMillis: startMillis,
      wasKilled: job.wasKilled
    })
  )
  const seeds = settings.seeds.map((seed) => ({ ...seed, depth: 0, redirectedFrom: [] }))
  yield* attempt(() =>
    frontier.commit([{ _tag: "Found", found: seeds }], startMillis, () => {
      job.store.setValue(killedName, "0")
      job.store.setValue(robotsName, settings.robots)
    })
  )

  const latencies = Latencies.make()
  const cost = { active: 0, responses: 0, bytesReceived: 0 }
  const jobs = yield* Jobs.make({
    job,
    frontier,
    now,
    endMillis: startMillis + millis.timeMax,
    bytesMax: settings.bytesMax,
    bytesReceived: () => cost.bytesReceived
  })

  const measured = (fetcher: Fetcher.Fetcher["Service"]): Fetcher.Fetcher["Service"] => ({
    ...fetcher,
    fetch: (...request) =>
      Effect.suspend(() => {
        cost.active += 1
        const startedAt = clock.monotonicTimeNanosUnsafe()
        return Effect.onExit(fetcher.fetch(...request), (exit) => {
          cost.active -= 1
          if (Exit.isSuccess(exit)) {
            cost.responses += 1
            latencies.add(Number(clock.monotonicTimeNanosUnsafe() - startedAt) / 1e6)
            cost.bytesReceived += exit.value.bytesSent
          } else {
            const error = Cause.squash(exit.cause)
            if (error instanceof BodyTooLarge) cost.bytesReceived += error.bytesReceived ?? 0
          }
          return Effect.void
        })
      })
  })

  const visits = Visits.make<E, R, A>({
    frontier,
    policy,
    reading: { ...settings, now, resolve: Resolver.make(settings.urls) },
    toRow,
    keepAnswer: options.keepAnswer,
    productToken: settings.productToken,
    sitemaps: settings.sitemaps,
    urls: settings.urls,
    moment: () => ({ nowMillis: now(), chance: random.nextDoubleUnsafe() })
  })

  const run = <E1 = never, R1 = never>(
    onEvent?: (event: Visits.Event<A>) => Effect.Effect<void, E1, R1>
  ): Effect.Effect<
    void,
    E | E1 | FileSink.SinkFailed | Job.JobFailed,
    Exclude<R, EffectScope.Scope> | Exclude<R1, EffectScope.Scope> | Fetcher.Fetcher
  > =>
    Effect.gen(function* () {
      const fetcher = measured(yield* Fetcher.Fetcher)
      const committed = (settlements: ReadonlyArray<Frontier.Settlement>) => {
        owners?.committed(settlements)
        jobs.changed()
      }
      const { archive: openArchive, output, rejects } = options
      const archive = openArchive && (yield* Archive.open(openArchive, job))
      const around = { job, frontier, now, committed, archive }
      const committer = Committer.divided<FileSink.SinkFailed | Job.JobFailed>(
        output === undefined
          ? yield* Committer.toStore(around)
          : yield* Committer.toSink(output, lengthsName, around),
        rejects && (yield* Committer.toSink(rejects, rejectLengthsName, around))
      )

      const settle = Effect.fnUntraced(function* ({
        answer,
        event,
        given,
        keptBytes
      }: Visits.Visit<A>) {
        if (archive !== undefined) yield* archive.reserve(keptBytes, committer.flush)
        if (event !== undefined && onEvent !== undefined) yield* onEvent(event)
        const settlement = answer()
        yield* given?._tag === "Rejected"
          ? committer.putReject(settlement, given.reject)
          : committer.putRow(settlement, given?._tag === "Row" ? given.row : undefined)
        jobs.changed()
      })
      const work = Effect.gen(function* () {
        for (
          let job = yield* jobs.take(committer);
          job._tag !== "Finished";
          job = yield* jobs.take(committer)
        ) {
          const visit = yield* job._tag === "FetchPage"
            ? visits.page(fetcher, job.page)
            : visits.host(fetcher, job)
          // Hazard: an interrupt between event and commit would leave a row that is not counted as done.
          yield* Effect.uninterruptible(settle(visit))
        }
      })
      const workers = Array.from({ length: settings.concurrency }, () => work)
      yield* Task.gather(workers, { concurrency: "unbounded" })
      yield* committer.finish
    }).pipe(Effect.scoped)

  return {
    run,
    snapshot: Effect.sync(() => ({
      ...frontier.counts(),
      ...cost,
      hostsAnswered: frontier.hostsAnswered(),
      stoppedAt: jobs.stoppedAt()
    })),
    latencies: Effect.sync(latencies.read),
    traps: Effect.sync(() => traps?.reports() ?? []),
    slowest: (limit) => Effect.sync(() => frontier.slowest(now(), limit))
  }
})
