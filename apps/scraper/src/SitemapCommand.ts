/** `scraper sitemap`: the URLs that the sitemaps of a site list. */
import * as Flags from "@fibra/cli/Flags"
import * as Program from "@fibra/cli/Program"
import { Crawl, Sitemaps } from "@fibra/crawl"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { isLoopback, parameters as crawlParameters, parseSeeds } from "./CrawlFlags.ts"
import { withFetcher } from "./Identity.ts"
import * as PageFlags from "./PageFlags.ts"
import * as Screen from "./Screen.ts"
import * as Visit from "./Visit.ts"

export const parameters = {
  url: Argument.String("url").pipe(
    Argument.withDescription(
      "A sitemap, or the home page of a site: then the sitemaps that its robots.txt names, or /sitemap.xml"
    )
  ),
  json: PageFlags.json,
  delay: crawlParameters.delay,
  robots: PageFlags.robots,
  maxRedirects: PageFlags.maxRedirects,
  ...PageFlags.net,
  maxBody: Flags.described(
    Flags.bytes("max-body"),
    "Size limit for one sitemap, as sent and decompressed",
    50 * 1024 * 1024,
    "50MiB, that of sitemaps.org"
  )
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

/** A sitemap to read. */
interface Listed {
  readonly url: URL
  /** The hosts whose robots.txt names it. */
  readonly namedBy: ReadonlyArray<string>
  readonly isInIndex: boolean
}

const sitemap = Effect.fnUntraced(function* (flags: Parsed) {
  const [seed] = yield* parseSeeds([flags.url])
  const byDefault = isLoopback(seed!.url) ? 0 : Crawl.defaults.delay
  const visitor = yield* Visit.make({
    ...flags,
    delay: Duration.fromInputUnsafe(Option.getOrElse(flags.delay, () => byDefault))
  })
  const counts = { sitemaps: 0, urls: 0, otherSite: 0, noWebPage: 0, failed: 0 }
  const left = yield* startFrom(seed!.url, visitor)
  const seen = new Set(left.map(({ url }) => url.href))
  let firstFailure: Program.Stopped | undefined

  const fail = Effect.fnUntraced(function* (error: Program.Stopped) {
    counts.failed += 1
    firstFailure ??= error
    if (counts.failed <= failuresShownMax) yield* Screen.say(`failed: ${error.message}`)
  })

  // An index adds to the end of the list that is walked.
  for (let at = 0; at < left.length; at++) {
    const listed = left[at]!
    const result = yield* Effect.result(read(visitor, listed))
    if (Result.isFailure(result)) {
      yield* fail(result.failure)
      continue
    }
    const { entries, from, kind, refused, truncated } = result.success
    counts.sitemaps += 1
    counts.noWebPage += refused
    if (truncated)
      yield* Screen.say(`${from.href} lists more than ${entries.length}: the rest is left out`)
    const own = entries.filter(({ url }) => Sitemaps.speaksFor(from, url, listed.namedBy))
    counts.otherSite += entries.length - own.length
    if (kind !== "index") {
      counts.urls += own.length
      for (let at = 0; at < own.length; at += printedMax) {
        yield* Screen.print(
          own
            .slice(at, at + printedMax)
            .map(lineOf(flags.json, from))
            .join("")
        )
      }
    } else if (listed.isInIndex) {
      yield* fail(stop(8, `${from.href} is an index inside of an index`))
    } else {
      for (const { url } of own) {
        if (seen.has(url.href)) continue
        seen.add(url.href)
        left.push({ url, namedBy: listed.namedBy, isInIndex: true })
      }
    }
  }

  yield* Screen.say(accountOf(counts))
  if (firstFailure === undefined) return
  if (counts.sitemaps === 0) return yield* stop(firstFailure.exitCode, "no sitemap was read")
  return yield* stop(8, `${counts.failed} of ${counts.failed + counts.sitemaps} sitemaps failed`)
})

const failuresShownMax = 20
/** Lines that are printed at a time. */
const printedMax = 1000

const stop = (exitCode: number, reason: string) => new Program.Stopped({ exitCode, reason })

const startFrom = Effect.fnUntraced(function* (url: URL, visitor: Visit.Visitor) {
  const listed = (url: URL, namedBy: ReadonlyArray<string>): Listed => ({
    url,
    namedBy,
    isInIndex: false
  })
  if (url.pathname !== "/" || url.search !== "") return [listed(url, [])]
  const { obey } = yield* visitor.robotsOf(url.origin)
  const named = obey.sitemaps
    .map((text) => URL.parse(text, url.href))
    .filter((found) => found !== null && /^https?:$/.test(found.protocol))
  return named.length > 0
    ? named.map((found) => listed(found!, [url.host]))
    : [listed(new URL("/sitemap.xml", url), [])]
})

const read = Effect.fnUntraced(function* (visitor: Visit.Visitor, { url }: Listed) {
  const { body, status, urls } = yield* visitor.get(url, Sitemaps.bodyBytesMax)
  const from = new URL(urls.at(-1)!)
  if (status < 200 || status >= 300) return yield* stop(8, `${from.href}: status ${status}`)
  const parsed = Sitemaps.parse(body, from)
  if (Result.isFailure(parsed)) return yield* stop(8, parsed.failure.message)
  return { ...parsed.success, from }
})

const lineOf = (json: boolean, sitemap: URL) => (entry: Sitemaps.Entry) => {
  const { lastModified, url } = entry
  return json
    ? `${JSON.stringify({ url: url.href, lastModified: lastModified ?? null, sitemap: sitemap.href })}\n`
    : `${url.href}\n`
}

const accountOf = (counts: {
  readonly sitemaps: number
  readonly urls: number
  readonly otherSite: number
  readonly noWebPage: number
  readonly failed: number
}) => {
  const { failed, noWebPage, otherSite, sitemaps, urls } = counts
  return `sitemaps ${sitemaps} | URLs ${urls} | left out ${otherSite + noWebPage} (other site ${otherSite}, no web page ${noWebPage}) | failed ${failed}`
}

export const sitemapCommand = Command.make("sitemap", parameters, (flags) =>
  withFetcher(flags, sitemap(flags))
).pipe(
  Command.withDescription(
    "Prints the URLs of sitemaps as they are read, one a line: XML, gzip, text, RSS and Atom, and an" +
      " index one level deep. Each sitemap is read once, up to 50,000 URLs of its own site.\n\n" +
      "Exit codes: 0, 2 wrong usage, 4 no answer, 5 no acceptable TLS, 8 a sitemap could not be read," +
      " 10 robots.txt forbids them, 141 nobody reads stdout any more."
  ),
  Command.withShortDescription("Prints the URLs that the sitemaps of a site list")
)
