/**
 * Sitemaps: the lists of pages that sites keep for crawlers (sitemaps.org), and feeds that serve as such.
 *
 * @since 0.1.0
 */
import * as Charset from "@fibra/http/Charset"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { gunzip } from "./internal/gunzip.ts"
import { type RawEntry, scanSitemap } from "./internal/scanSitemap.ts"

/**
 * One page, or one sitemap of an index.
 *
 * @since 0.1.0
 */
export interface Entry {
  readonly url: URL
  /** When it last changed, as far as the sitemap says so in a way that can be read. */
  readonly lastModified: Date | undefined
}

/**
 * A sitemap that was read.
 *
 * @since 0.1.0
 */
export interface Sitemap {
  /** An `index` lists sitemaps, which the caller fetches; the others list pages. */
  readonly kind: "urls" | "index" | "rss" | "atom" | "text"
  /** In the order of the file, up to 50,000. */
  readonly entries: ReadonlyArray<Entry>
  /** Entries that are no http or https URL, and were left out. */
  readonly refused: number
  /** Whether there was more than 50,000 entries. */
  readonly truncated: boolean
}

/**
 * Raised when a file is no sitemap at all.
 *
 * @since 0.1.0
 */
export class SitemapInvalid extends Data.TaggedError("SitemapInvalid")<{
  readonly url: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.url} is no sitemap: ${this.reason}`
  }
}

/** The bound of sitemaps.org. */
const entriesMax = 50_000

/**
 * What to ask for of a file, whatever bound pages have: what sitemaps.org allows, 50 MiB.
 *
 * @since 0.1.0
 */
export const bodyBytesMax = 50 * 1024 * 1024

/**
 * Reads a sitemap: XML, an index of sitemaps, RSS, Atom, or text with one URL in each line; also packed
 * with gzip, whatever its name and headers say.
 *
 * What can be read of a broken file is read. Entities and document types are not. A packed file may hold
 * 50 MiB. `url` is where the file was found: links resolve against it.
 *
 * ```ts
 * const xml = "<urlset><url><loc>http://shop.example/?a=1&b=2</loc><lastmod>2024-05-17</lastmod></url>"
 * const url = new URL("http://shop.example/sitemap.xml")
 * const { entries, kind } = yield* Effect.fromResult(Sitemaps.parse(new TextEncoder().encode(xml), url))
 * kind // => "urls"
 * entries[0]?.url.href // => "http://shop.example/?a=1&b=2"
 * entries[0]?.lastModified // => new Date("2024-05-17")
 * ```
 *
 * @since 0.1.0
 */
export const parse = (body: Uint8Array, url: URL): Result.Result<Sitemap, SitemapInvalid> => {
  const invalid = (reason: string) => Result.fail(new SitemapInvalid({ url: url.href, reason }))
  const opened = gunzip(body, bodyBytesMax)
  if (Result.isFailure(opened)) return invalid(opened.failure)
  // They are UTF-8 by definition, whatever their headers say.
  const text = Charset.decode(opened.success, "text/xml; charset=utf-8")
  if (!/^\s*</.test(text)) {
    const found = toSitemap("text", readLines(text), url)
    return found.entries.length === 0 ? invalid("it has no XML and no URLs") : Result.succeed(found)
  }
  const { entries, root, truncated } = scanSitemap(text, entriesMax)
  const kind = kinds[root]
  if (kind === undefined) {
    return invalid(root === "" ? "it has no elements" : `its root is <${root.slice(0, 40)}>`)
  }
  return Result.succeed(toSitemap(kind, { entries, truncated }, url))
}

const kinds: { readonly [root: string]: Sitemap["kind"] | undefined } = {
  urlset: "urls",
  sitemapindex: "index",
  rss: "rss",
  RDF: "rss",
  feed: "atom"
}

const readLines = (text: string) => {
  const lines = text.split(/\r\n|\r|\n/, entriesMax * 2).filter((line) => line.trim() !== "")
  const entries = lines.slice(0, entriesMax).map((link) => ({ link, date: "" }))
  return { entries, truncated: lines.length > entriesMax }
}

const toSitemap = (
  kind: Sitemap["kind"],
  found: { readonly entries: ReadonlyArray<RawEntry>; readonly truncated: boolean },
  from: URL
): Sitemap => {
  // A line of text is a whole URL; were it resolved, every word would be one.
  const base = kind === "text" ? undefined : from.href
  const entries: Array<Entry> = []
  for (const { date, link } of found.entries) {
    const url = URL.parse(link, base)
    if (url === null || !/^https?:$/.test(url.protocol)) continue
    const time = Date.parse(date)
    entries.push({ url, lastModified: Number.isNaN(time) ? undefined : new Date(time) })
  }
  return {
    kind,
    entries,
    refused: found.entries.length - entries.length,
    truncated: found.truncated
  }
}

/**
 * Whether a sitemap may speak for a URL: of its own host, with or without `www`, or of a host whose
 * robots.txt names it.
 *
 * `namedBy` are the hosts (`name` or `name:port`) whose robots.txt names the sitemap.
 *
 * ```ts
 * const sitemap = new URL("http://www.shop.example/sitemap.xml")
 * Sitemaps.speaksFor(sitemap, new URL("https://shop.example/tea")) // => true
 * Sitemaps.speaksFor(sitemap, new URL("http://bank.example/")) // => false
 * Sitemaps.speaksFor(sitemap, new URL("http://bank.example/"), ["bank.example"]) // => true
 * ```
 *
 * @since 0.1.0
 */
export const speaksFor = (sitemap: URL, url: URL, namedBy: ReadonlyArray<string> = []): boolean =>
  siteOf(sitemap) === siteOf(url) || namedBy.includes(url.host)

const siteOf = ({ host }: URL): string => host.replace(/^www\./, "")
