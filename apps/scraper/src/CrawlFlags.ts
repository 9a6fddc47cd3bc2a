/** What `scraper crawl` takes on the command line, and what can be wrong with it. */
import * as Flags from "@fibra/cli/Flags"
import * as Program from "@fibra/cli/Program"
import { CanonicalUrl, Crawl, Extract, LinkFilter } from "@fibra/crawl"
import type * as FileSink from "@fibra/files/FileSink"
import * as Fetcher from "@fibra/http/Fetcher"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as AgentFlags from "./AgentFlags.ts"
import * as NetFlags from "./NetFlags.ts"
import * as Settings from "./Settings.ts"
import * as UrlFlags from "./UrlFlags.ts"
import * as SchemaFile from "./SchemaFile.ts"

const patterns = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("REGEXP"),
    Flag.filterMap(
      (text) => Result.getSuccess(Result.try(() => new RegExp(text, "u"))),
      (text) => `"${text}" is no regular expression`
    ),
    Flag.withDescription(description),
    Flag.atLeast(0)
  )

export const parameters = {
  urls: Argument.String("url").pipe(
    Argument.withDescription("Where to start; pages of other hosts are not fetched"),
    Argument.variadic()
  ),
  seeds: Flag.String("seeds").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("More URLs to start from, one a line; - is stdin"),
    Flag.optional
  ),
  output: Flag.String("output").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "JSON Lines file; rows are added to its end, and an unfinished crawl goes on; - is stdout"
    ),
    Flag.optional
  ),
  overwrite: Flag.String("overwrite").pipe(
    Flag.withAlias("O"),
    Flag.withMetavar("FILE"),
    Flag.withDescription("As --output, but the file and its job start from nothing"),
    Flag.optional
  ),
  job: Flag.String("job").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription(
      "Where the state of the crawl is kept, so that the same command goes on after a crash;" +
        " none keeps it in memory (default: FILE.job, or none with -o -)"
    ),
    Flag.optional
  ),
  rotate: Flag.String("rotate").pipe(
    Flag.withMetavar("SIZE|ROWS"),
    Flag.filterMap(
      parseRotation,
      () => "a size such as 256MiB, or a number of rows such as 100000rows"
    ),
    Flag.withDescription(
      "Rows go to FILE.000001.EXT and so on, each up to this size or number (default: one file)"
    ),
    Flag.optional
  ),
  saveBody: Flags.described(
    Flag.Literals("save-body", ["none", "file", "warc"]),
    "Whether answers are kept. file: the body of each page, in bodies/ of the job, named by the SHA-256" +
      " of its url; warc: all of them as they were sent, also redirects and errors, in a WARC 1.1 beside" +
      " the rows",
    "none"
  ),
  fsync: Flag.Literals("fsync", ["batch", "none"]).pipe(
    Flag.withDescription(
      "Whether each commit waits until the disk has it, or the system only (default: batch)"
    ),
    Flag.withDefault("batch" as const)
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
  robots: Flags.described(
    Flag.Literals("robots", ["obey", "ignore"]),
    "Whether what robots.txt forbids is left alone, and its Crawl-delay kept; ignore needs" +
      " --i-own-this-site, and --delay alone sets the pause then",
    "obey"
  ),
  ownsSite: Flags.described(
    Flag.Boolean("i-own-this-site"),
    "Says that the sites are yours, or that their owners agree, for --robots ignore",
    false
  ),
  ...UrlFlags.parameters,
  nofollow: Flags.described(
    Flag.Literals("nofollow", ["obey", "ignore"]),
    "Whether links with rel=nofollow are left alone",
    "obey"
  ),
  respectCrawlDelay: Flags.described(
    Flags.duration("respect-crawl-delay"),
    "A longer Crawl-delay of a site is cut to this",
    Duration.fromInputUnsafe(Crawl.defaults.crawlDelayMax),
    "1m"
  ),
  jitter: Flags.described(
    Flag.Finite("jitter").pipe(
      Flag.filter(
        (share) => share >= 0 && share <= 1,
        () => "a number from 0 to 1"
      )
    ),
    "How much longer or shorter a pause may be by chance, as a share; never shorter than a Crawl-delay",
    0.5
  ),
  adaptive: Flags.described(
    Flag.Boolean("adaptive"),
    "Ask a host more slowly when it takes longer to answer than the pause, or answers 429;" +
      " --no-adaptive keeps the pause",
    true
  ),
  depth: Flags.described(
    Flags.between("depth", 0, 1_000_000),
    "Links to follow from a start URL, at the most",
    Crawl.defaults.depthMax
  ),
  scope: Flags.described(
    Flag.Literals("scope", ["host", "domain", "prefix", "all"]),
    "What is crawled: the hosts of the start URLs, their domains, what is below their folders, or all",
    Crawl.defaults.scope
  ),
  include: patterns("include", "Of these only URLs that match a pattern; repeatable"),
  exclude: patterns("exclude", "And none that matches one of these; repeatable"),
  order: Flags.described(
    Flag.Literals("order", ["bfs", "dfs"]),
    "Which page of a host comes first: the one that was found first, or the one that was found last",
    Crawl.defaults.order
  ),
  sitemaps: Flags.described(
    Flag.Boolean("sitemaps"),
    "Start from the sitemaps that robots.txt names, too",
    false
  ),
  traps: Flags.described(
    Flag.Literals("traps", ["on", "eager", "off"]),
    "Whether to stop at endless calendars and pages that are all alike; eager: sooner, on small sites",
    "on"
  ),
  revisit: Flags.described(
    Flag.Boolean("revisit"),
    "Ask again for the pages of a finished job that are not fresh, and write a row for each that has changed",
    false
  ),
  retries: Flags.described(
    Flags.between("retries", 0, 100),
    "Attempts at a page after the first, when its failure may pass",
    Crawl.defaults.retriesMax
  ),
  maxPages: Flags.between("max-pages", 1, 1_000_000_000).pipe(
    Flag.withDescription("Pages to fetch, at the most (default: no limit)"),
    Flag.optional
  ),
  maxUrlsPerHost: Flags.between("max-urls-per-host", 1, 1_000_000_000).pipe(
    Flag.withDescription(
      "URLs of one host to fetch, at the most; those found later are skipped (default: no limit)"
    ),
    Flag.optional
  ),
  maxTime: Flags.duration("max-time").pipe(
    Flag.withDescription("Start no page after this time (default: no limit)"),
    Flag.optional
  ),
  maxBytes: Flags.bytes("max-bytes").pipe(
    Flag.withDescription("Start no page after this much was received (default: no limit)"),
    Flag.optional
  ),
  select: Flag.String("select").pipe(
    Flag.withMetavar("NAME=CSS[@ATTR]"),
    Flag.withDescription(
      "A field of each row: the first match, or all with NAME[]=CSS; repeatable"
    ),
    Flag.atLeast(0)
  ),
  follow: Flag.String("follow").pipe(
    Flag.withMetavar("CSS"),
    Flag.withDescription(
      "Of the links only those that match, or are inside of what matches; repeatable (default: all)"
    ),
    Flag.atLeast(0)
  ),
  accept: Flag.String("accept").pipe(
    Flag.withMetavar("TYPE"),
    Flag.filter(
      (type) => /^[\w.+-]+\/([\w.+-]+|\*)$/.test(type),
      () => "a type such as application/pdf or image/*"
    ),
    Flag.withDescription(
      "Binary content of this type gives a row too, without a title; repeatable (default: none)"
    ),
    Flag.atLeast(0)
  ),
  require: Flag.String("require").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Write a row only when this field was found; repeatable"),
    Flag.atLeast(0)
  ),
  dedupe: Flags.described(
    Flag.Literals("dedupe", ["url", "canonical"]),
    "canonical: of pages that name one rel=canonical only the first has a row",
    "url"
  ),
  schema: SchemaFile.flag,
  rejects: Flag.String("rejects").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "Keeps what the schema rejects as {url, cause, fields}, committed with its pages" +
        " (default: NAME.rejects.jsonl beside the output, or stderr with -o -)"
    ),
    Flag.optional
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
  keepTruncated: Flags.described(
    Flag.Boolean("keep-truncated"),
    "A page that is larger than --max-body is cut there, and its row says so, instead of failing",
    false
  ),
  maxRedirects: Flags.described(
    Flags.between("max-redirects", 0, 100),
    "Redirects to follow one after the other",
    Crawl.defaults.redirectsMax
  ),
  ...AgentFlags.parameters,
  ...NetFlags.parameters,
  ...Settings.parameters,
  metrics: Flag.String("metrics").pipe(
    Flag.withMetavar("[HOST]:PORT"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(NetFlags.parseAddress(text)),
      () => "an address such as :9464 or 0.0.0.0:9464"
    ),
    Flag.withDescription(
      "Serve counts to Prometheus at /metrics while it runs; :9464 is on this machine only" +
        " (default: not served)"
    ),
    Flag.optional
  ),
  dryRun: Flags.described(
    Flag.Boolean("dry-run"),
    "Check all flags and files, tell what would be done, and do nothing",
    false
  ),
  failOver: Flags.described(
    Flags.percent("fail-over"),
    "Exit 8 when more than this share of the pages failed or was rejected",
    0,
    "0%"
  ),
  allowPrivate: Flag.Boolean("allow-private").pipe(
    Flag.withDescription("Also fetch loopback, private and other addresses that are not public"),
    Flag.withDefault(false)
  ),
  quiet: Flags.described(
    Flag.Boolean("quiet"),
    "Say nothing but why it ends with another code than 0; of --json only the summary is left",
    false
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Progress and summary as JSON Lines on stdout, not as text on stderr"),
    Flag.withDefault(false)
  )
}

export type Parsed = Command.Command.Config.Infer<typeof parameters>

export const usage = (reason: string) => new Program.Stopped({ exitCode: 2, reason })

/** Flags that are wrong together. */
export const checkTogether = Effect.fnUntraced(function* (flags: Parsed) {
  const { ownsSite, rejects, robots, schema } = flags
  if (robots === "ignore" && !ownsSite) {
    return yield* usage("--robots ignore is for sites of your own: add --i-own-this-site")
  }
  if (Option.isSome(rejects) && Option.isNone(schema)) {
    return yield* usage("--rejects is for what --schema rejects: add --schema FILE.ts")
  }
})

/** Those of the command line, and those of the file. */
export const readSeeds = Effect.fnUntraced(function* (flags: Parsed) {
  const rules = UrlFlags.rulesOf(flags)
  const lines = Option.isNone(flags.seeds) ? [] : yield* linesIn(flags.seeds.value)
  const texts = lines.map((line) => line.trim())
  const wrong = texts.findIndex(
    (text) => isSeed(text) && Result.isFailure(CanonicalUrl.fromLink(text, undefined, rules))
  )
  if (wrong !== -1) {
    const where = `line ${wrong + 1} of ${Option.getOrElse(flags.seeds, () => "")}`
    return yield* usage(`${where}: "${texts[wrong]!.slice(0, 200)}" is no URL of a web page`)
  }
  const urls = [...flags.urls, ...texts.filter(isSeed)]
  if (urls.length === 0) return yield* usage("Missing required argument: url (or --seeds FILE)")
  yield* refuseCredentials(urls)
  return yield* parseSeeds(urls, rules)
})

const isSeed = (line: string) => line !== "" && !line.startsWith("#")

const linesIn = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    fs.readFileString(path === "-" ? "/dev/stdin" : path),
    ({ message }) =>
      new Program.Stopped({ exitCode: 3, reason: `cannot read the seeds in ${path}: ${message}` })
  )
  return text.split(/\r\n|\n|\r/)
})

/** They would have to go with every request, in sight of whoever sees the URL. */
export const refuseCredentials = (urls: ReadonlyArray<string>) => {
  const url = urls
    .map((text) => URL.parse(text))
    .find((url) => url !== null && url.username + url.password !== "")
  return url === undefined || url === null
    ? Effect.void
    : usage(
        `the user and password in a URL of ${url.host} are not sent;` +
          ` leave them out, and give --header "Authorization: Basic ..."`
      )
}

export const parseSeeds = (urls: ReadonlyArray<string>, rules?: CanonicalUrl.Options) =>
  Effect.forEach(urls, (text) =>
    Result.match(CanonicalUrl.fromLink(text, undefined, rules), {
      onSuccess: Effect.succeed,
      onFailure: (refused) => Effect.fail(usage(`${refused.message}; write it as http://host/path`))
    })
  )

const reservedNames = new Set(["url", "status", "depth", "truncated"])

export const parseSelectors = Effect.fnUntraced(function* (
  texts: ReadonlyArray<string>,
  required: ReadonlyArray<string>,
  reserved: ReadonlySet<string> = reservedNames
) {
  const selectors: Array<Extract.Selector> = []
  for (const text of texts) {
    const selector = Extract.selector(text)
    if (Result.isFailure(selector)) return yield* usage(`--select ${selector.failure.message}`)
    const { name } = selector.success
    if (selectors.some((other) => other.name === name)) {
      return yield* usage(`--select names the field "${name}" twice`)
    }
    if (reserved.has(name)) {
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

export const parseFollow = (texts: ReadonlyArray<string>) =>
  Effect.forEach(texts, (text) =>
    Result.match(LinkFilter.parse(text), {
      onSuccess: Effect.succeed,
      onFailure: ({ message }) => Effect.fail(usage(`--follow ${message}`))
    })
  )

export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.")

/** `256MiB` or `100000rows`. A declaration, as the flags above need it. */
function parseRotation(text: string): Option.Option<FileSink.Rotation> {
  const rows = /^([1-9]\d{0,14})rows$/.exec(text)?.[1]
  if (rows !== undefined) return Option.some({ rowsMax: Number(rows) })
  return Option.map(
    Option.filter(Flags.parseBytes(text), (bytes) => bytes > 0),
    (bytesMax) => ({ bytesMax })
  )
}
