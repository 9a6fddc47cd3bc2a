/** `scraper crawl`: what it takes on the command line, and what a crawl does with it. */
import { Flags, Program } from "@fibra/cli"
import { CanonicalUrl, Crawl, Extract, type Row } from "@fibra/crawl"
import { Fetcher } from "@fibra/http"
import { Cause, Duration, Effect, Exit, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as Outcome from "./Outcome.ts"
import * as Output from "./Output.ts"
import * as Reporter from "./Reporter.ts"

const parameters = {
  urls: Argument.String("url").pipe(
    Argument.withDescription("Where to start; pages of other hosts are not fetched"),
    Argument.variadic({ min: 1 })
  ),
  output: Flag.String("output").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "JSON Lines file; it appears, whole, when the crawl ends; - is stdout (required)"
    )
  ),
  concurrency: Flags.described(
    Flags.between("concurrency", 1, 1000),
    "Requests at the same time, in all",
    Crawl.defaults.concurrency
  ),
  perHost: Flags.described(
    Flags.between("per-host", 1, 1000),
    "Requests at the same time to one host",
    Crawl.defaults.perHost
  ),
  delay: Flags.duration("delay").pipe(
    Flag.withDescription(
      "Pause between two requests to one host; a longer Crawl-delay of the site wins" +
        " (default: 1s, or 0 when all URLs are on this machine)"
    ),
    Flag.optional
  ),
  depth: Flags.described(
    Flags.between("depth", 0, 1_000_000),
    "Links to follow from a start URL, at the most",
    Crawl.defaults.depthMax
  ),
  maxPages: Flags.between("max-pages", 1, 1_000_000_000).pipe(
    Flag.withDescription("Pages to fetch, at the most (default: no limit)"),
    Flag.optional
  ),
  select: Flag.String("select").pipe(
    Flag.withMetavar("NAME=CSS[@ATTR]"),
    Flag.withDescription(
      "A field of each row: the first match, or all with NAME[]=CSS; repeatable"
    ),
    Flag.atLeast(0)
  ),
  require: Flag.String("require").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Write a row only when this field was found; repeatable"),
    Flag.atLeast(0)
  ),
  timeout: Flags.described(
    Flags.duration("timeout"),
    "Time limit for one page, from the request to its last byte",
    Duration.fromInputUnsafe(Fetcher.defaults.timeout),
    "30s"
  ),
  maxBody: Flags.described(
    Flags.bytes("max-body"),
    "Size limit for one page, as sent and decompressed",
    Fetcher.defaults.bodyBytesMax,
    "10MiB"
  ),
  failOver: Flags.described(
    Flags.percent("fail-over"),
    "Exit 8 when more than this share of the pages failed",
    0,
    "0%"
  ),
  allowPrivate: Flag.Boolean("allow-private").pipe(
    Flag.withDescription("Also fetch loopback, private and other addresses that are not public"),
    Flag.withDefault(false)
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Progress and summary as JSON Lines on stdout, not as text on stderr"),
    Flag.withDefault(false)
  )
}

export const crawlCommand = Command.make("crawl", parameters, (flags) => crawl(flags)).pipe(
  Command.withDescription(
    "Fetches all pages that the URLs lead to on their hosts, as robots.txt allows, and writes one" +
      " row for each. Exit codes: 0 done, 2 wrong usage, 3 the output cannot be written, 4 no host" +
      " reachable, 5 no acceptable TLS, 8 some pages failed, 9 stopped at --max-pages," +
      " 10 robots.txt forbids everything, 130 Ctrl-C (the file holds what was fetched)."
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

type Parsed = Command.Command.Config.Infer<typeof parameters>

const crawl = Effect.fnUntraced(function* (flags: Parsed) {
  const seeds = yield* parseSeeds(flags.urls)
  const selectors = yield* parseSelectors(flags.select, flags.require)
  const onThisMachine = seeds.every(({ url }) => isLoopback(url))

  yield* Effect.scoped(
    Effect.gen(function* () {
      const output = yield* Output.open(flags.output)
      const crawl = yield* Crawl.make({
        seeds,
        selectors,
        productToken,
        concurrency: flags.concurrency,
        perHost: flags.perHost,
        delay: Option.getOrElse(flags.delay, () => (onThisMachine ? 0 : Crawl.defaults.delay)),
        depthMax: flags.depth,
        pagesMax: Option.getOrElse(flags.maxPages, () => Crawl.defaults.pagesMax)
      })
      const reporter = yield* Reporter.make({
        json: flags.json,
        stdoutIsTaken: output.isStdout,
        snapshot: Effect.zipWith(crawl.snapshot, output.rows, (account, rows) => ({
          ...account,
          rows
        }))
      })
      const keeps = (row: Row.Row) => flags.require.every((name) => hasField(row, name))
      const onEvent = (event: Crawl.Event) => {
        if (event._tag !== "Row") return reporter.failure(event)
        return keeps(event.row) ? output.offer(event.row) : Effect.void
      }
      yield* crawl.run(onEvent).pipe(
        // Ctrl-C keeps what was fetched; a failing disk does not, and says where the rows are.
        Effect.onExit((exit) =>
          Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
            ? Effect.gen(function* () {
                const account = yield* crawl.snapshot
                yield* reporter.summary(account.done > 0 ? yield* output.finish : undefined)
              })
            : Effect.void
        )
      )
      yield* Outcome.end(yield* crawl.snapshot, flags.failOver)
    })
  ).pipe(
    Effect.catchTag(
      "SinkFailed",
      (error) => new Program.Stopped({ exitCode: 3, reason: error.message })
    ),
    Effect.provide(fetcherLayer(flags))
  )
})

const productToken = "fibra-scraper"

const fetcherLayer = (flags: Parsed) =>
  Fetcher.layerNode({
    userAgent: `${productToken}/${Program.versionOf(import.meta.url)}`,
    allowPrivate: flags.allowPrivate,
    timeout: flags.timeout,
    bodyBytesMax: flags.maxBody
  })

const parseSeeds = (urls: ReadonlyArray<string>) =>
  Effect.forEach(urls, (text) =>
    Result.match(CanonicalUrl.fromLink(text), {
      onSuccess: Effect.succeed,
      onFailure: (refused) =>
        Effect.fail(
          new Program.Stopped({
            exitCode: 2,
            reason: `${refused.message}; write it as http://host/path`
          })
        )
    })
  )

const reservedNames = new Set(["url", "status", "depth"])

const parseSelectors = Effect.fnUntraced(function* (
  texts: ReadonlyArray<string>,
  required: ReadonlyArray<string>
) {
  const usage = (reason: string) => new Program.Stopped({ exitCode: 2, reason })
  const selectors: Array<Extract.Selector> = []
  for (const text of texts) {
    const selector = Extract.selector(text)
    if (Result.isFailure(selector)) return yield* usage(`--select ${selector.failure.message}`)
    const { name } = selector.success
    if (selectors.some((other) => other.name === name)) {
      return yield* usage(`--select names the field "${name}" twice`)
    }
    if (reservedNames.has(name)) {
      return yield* usage(`--select cannot name a field "${name}": every row has that already`)
    }
    selectors.push(selector.success)
  }
  for (const name of required) {
    if (name !== "title" && !selectors.some((selector) => selector.name === name)) {
      return yield* usage(`--require ${name} names no field; add --select ${name}=CSS`)
    }
  }
  return selectors
})

const hasField = (row: Row.Row, name: string): boolean => {
  const value = row[name]
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== ""
}

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.")
