/** `scraper crawl`: from flags to a crawl, and from its end to an exit code. */
import * as Program from "@fibra/cli/Program"
import { Crawl, Decisions, Job, type Latencies, type Row } from "@fibra/crawl"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as Command from "effect/cli/Command"
import * as AgentFlags from "./AgentFlags.ts"
import {
  checkTogether,
  isLoopback,
  parameters,
  parseFollow,
  parseSelectors,
  readSeeds,
  type Parsed
} from "./CrawlFlags.ts"
import * as Bodies from "./Bodies.ts"
import { fetcherLayer } from "./Identity.ts"
import type * as Metrics from "./Metrics.ts"
import * as JobArgument from "./JobArgument.ts"
import * as JobPlace from "./JobPlace.ts"
import { size } from "./Numbers.ts"
import * as Outcome from "./Outcome.ts"
import * as Output from "./Output.ts"
import * as Plan from "./Plan.ts"
import * as Reporter from "./Reporter.ts"
import * as SchemaFile from "./SchemaFile.ts"
import * as UrlFlags from "./UrlFlags.ts"
import * as Screen from "./Screen.ts"
import * as Table from "./Table.ts"

export const crawlCommand = Command.make("crawl", parameters, (flags) => crawl(flags)).pipe(
  Command.withDescription(
    "Fetches all pages that the URLs lead to on their hosts, as robots.txt allows, and writes one" +
      " row for each. Exit codes: 0 done, 2 wrong usage, 3 the output cannot be written, 4 no host" +
      " reachable, 5 no acceptable TLS, 8 some pages failed or were rejected, or the account of the job is wrong, 9 stopped at a --max," +
      " 10 robots.txt forbids everything, 75 another process has the job, 130 Ctrl-C. After any of" +
      " them, and after a crash, the same command goes on."
  ),
  Command.withExamples([
    {
      command: "scraper crawl https://example.com -o pages.jsonl --max-pages 100",
      description: "The first hundred pages of a site"
    },
    {
      command:
        "scraper crawl https://shop.example -o books.jsonl --select price=.price --require price",
      description: "Only the pages that show a price"
    }
  ])
)

const crawl = Effect.fnUntraced(function* (flags: Parsed) {
  yield* checkTogether(flags)
  const seeds = yield* readSeeds(flags)
  const selectors = yield* parseSelectors(flags.select, flags.require)
  const follow = yield* parseFollow(flags.follow)
  const place = yield* JobPlace.find(flags)
  const schema = Option.isNone(flags.schema)
    ? undefined
    : yield* SchemaFile.load(flags.schema.value)
  const onThisMachine = seeds.every(({ url }) => isLoopback(url))

  const delay = Option.getOrElse(flags.delay, () => (onThisMachine ? 0 : Crawl.defaults.delay))

  const isSilent = flags.json || flags.quiet

  const start = Effect.scoped(
    Effect.gen(function* () {
      // First of all, as the address may be taken.
      const metrics = Option.isNone(flags.metrics)
        ? undefined
        : yield* (yield* Effect.promise(() => import("./Metrics.ts"))).serve(flags.metrics.value)
      const job =
        place.directory === undefined
          ? yield* Job.inMemory
          : yield* Job.open(place.directory, { fsync: flags.fsync })
      yield* JobPlace.claim(job, place)
      const productToken = AgentFlags.productTokenOf(flags)
      yield* Job.remember(job, "agent", productToken)
      const fields = flags.select.join(", ") || "none"
      const fieldsBefore = (yield* Job.recall(job, "select")) ?? fields
      if (fieldsBefore !== fields && !isSilent) {
        yield* Screen.say(`rows have other fields from here on: --select was ${fieldsBefore}`)
      }
      yield* Job.remember(job, "select", fields)
      const { fresh } = flags.revisit ? yield* Job.revisit(job) : { fresh: 0 }
      if (fresh > 0 && !flags.json && !flags.quiet) {
        yield* Screen.say(`${fresh} pages are fresh, as their servers said: they are not asked for`)
      }
      if (flags.robots === "ignore" && !isSilent) {
        yield* Screen.say("robots.txt is ignored: --robots ignore")
      }
      const kept = yield* Bodies.keeping(place, {
        wasKilled: job.wasKilled,
        fsync: flags.fsync,
        userAgent: AgentFlags.userAgentOf(flags)
      })
      const output = Output.make(place.output, flags.fsync, place.rotate)
      const crawl = yield* Crawl.make({
        seeds,
        selectors,
        follow,
        accept: flags.accept,
        productToken,
        crawlDelayMax: flags.respectCrawlDelay,
        redirectsMax: flags.maxRedirects,
        urls: UrlFlags.rulesOf(flags),
        robots: flags.robots,
        nofollow: flags.nofollow,
        job,
        ...(output.isStdout ? {} : { output: output.open }),
        ...typing(schema, place.rejects, flags.fsync),
        ...kept,
        dedupe: flags.dedupe,
        keeps: (row) => flags.require.every((name) => hasField(row, name)),
        concurrency: flags.concurrency,
        perHost: flags.perHost,
        delay,
        jitter: flags.jitter,
        adaptive: flags.adaptive,
        retriesMax: flags.retries,
        depthMax: flags.depth,
        scope: flags.scope,
        include: flags.include,
        exclude: flags.exclude,
        order: flags.order,
        sitemaps: flags.sitemaps,
        traps: flags.traps === "off" ? false : flags.traps === "eager" ? {} : Crawl.defaults.traps,
        hostUrlsMax: Option.getOrElse(flags.maxUrlsPerHost, () => Crawl.defaults.hostUrlsMax),
        pagesMax: Option.getOrElse(flags.maxPages, () => Crawl.defaults.pagesMax),
        timeMax: Option.getOrElse(flags.maxTime, () => Crawl.defaults.timeMax),
        bytesMax: Option.getOrElse(flags.maxBytes, () => Crawl.defaults.bytesMax)
      })
      metrics?.tell(Effect.zipWith(crawl.snapshot, crawl.latencies, toCounted))
      if (metrics !== undefined && !isSilent) yield* Screen.say(`metrics at ${metrics.url}`)
      const reporter = yield* Reporter.make({
        json: flags.json,
        quiet: flags.quiet,
        stdoutIsTaken: output.isStdout,
        rejects: place.rejects,
        output: output.isStdout ? undefined : place.output,
        snapshot: crawl.snapshot,
        latencies: crawl.latencies,
        traps: crawl.traps,
        slowest: crawl.slowest(2)
      })
      const onEvent = (event: Crawl.Event<unknown>) => {
        if (event._tag !== "Row") return reporter.failure(event)
        return output.isStdout ? output.print(event.row) : Effect.void
      }
      if (!isSilent && (yield* crawl.snapshot).left === 0) {
        yield* Screen.say(
          "the job is done already, and keeps what it has decided; --revisit asks for its pages" +
            " again, and -O in place of -o starts from nothing"
        )
      }
      yield* crawl.run(onEvent).pipe(
        // Ctrl-C keeps what was fetched; a failing disk does not, and says where the rows are.
        Effect.onExit((exit) =>
          Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
            ? Effect.flatMap(
                Output.describe(place.output, place.rotate !== undefined),
                reporter.summary
              ).pipe(Effect.andThen(isSilent ? Effect.void : sayKept(place)))
            : Effect.void
        )
      )
      yield* checkIsThere(place)
      yield* Outcome.reconciled(yield* Decisions.reconcile(job))
      yield* Outcome.end(yield* crawl.snapshot, flags.failOver)
    })
  )
  yield* (flags.dryRun ? Plan.show(flags, seeds, place, delay) : start).pipe(
    Effect.catchTags({
      SinkFailed: (error) => new Program.Stopped({ exitCode: 3, reason: error.message }),
      JobFailed: (error) => new Program.Stopped({ exitCode: 3, reason: error.message }),
      TargetLocked: (error) => new Program.Stopped({ exitCode: 75, reason: error.message })
    }),
    Effect.provide(
      fetcherLayer(
        flags,
        seeds.map(({ url }) => url),
        { keepSent: place.archive !== undefined, keepTruncated: flags.keepTruncated }
      )
    )
  )
})

/** What a schema makes of rows; without one they are as they were read. */
const typing = (
  schema: Schema.ConstraintDecoder<unknown> | undefined,
  rejects: string | undefined,
  fsync: Parsed["fsync"]
) => ({ schema, rejects: rejects === undefined ? undefined : Output.opener(rejects, fsync) })

const toCounted = (snapshot: Crawl.Snapshot, latencies: Latencies.Latencies): Metrics.Counted => ({
  snapshot,
  latencies
})

/** Somebody may have removed job or output meanwhile: writing to a file that has no name any more succeeds. */
const checkIsThere = Effect.fnUntraced(function* ({ directory, output }: JobPlace.Place) {
  if (directory === undefined) return
  const view = yield* JobArgument.view(directory)
  if (output !== "-") yield* Table.committedFiles(view, output)
}, Effect.scoped)

/** Where answers were kept. */
const sayKept = Effect.fnUntraced(function* ({ archive, bodies }: JobPlace.Place) {
  if (bodies !== undefined) yield* Screen.say(`bodies in ${bodies}`)
  if (archive === undefined) return
  const { bytes = 0 } = (yield* Output.describe(archive)) ?? {}
  yield* Screen.say(`answers in ${archive} (${size(bytes)})`)
})

const hasField = (row: Row.Row, name: string): boolean => {
  const value = row[name]
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== ""
}
