/**
 * Turns links into URLs to fetch and into the keys by which a crawl recognises them.
 *
 * Two URLs with the same key are the same page and are fetched once. The URL that is fetched stays
 * as its author wrote it, because some servers mind.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { isSession, isTracking, withoutSession } from "./internal/noiseRules.ts"
import { normalizePercent } from "./internal/percentEncoding.ts"

/**
 * A page's identity and the URL by which it was found.
 *
 * @since 0.1.0
 */
export interface CanonicalUrl {
  /** The identity: equal keys are the same page. */
  readonly key: string
  /** What to fetch: the link as written, without credentials and fragment. */
  readonly url: URL
}

/**
 * Which of the rules that can be switched are on.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Leaves parameters of analytics out of keys. Default `true`. */
  readonly dropTracking?: boolean
  /** Leaves session ids in paths and queries out of keys. Default `true`. */
  readonly dropSessions?: boolean
  /** Sorts the query in keys by names, for sites that do not mind the order. Default `false`. */
  readonly sortQuery?: boolean
  /** Longer URLs are refused. Default 2,083 characters. */
  readonly lengthMax?: number
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = {
  dropTracking: true,
  dropSessions: true,
  sortQuery: false,
  lengthMax: 2083
} as const satisfies Required<Options>

/**
 * One of the rules by which keys are made, for people to read.
 *
 * @since 0.1.0
 */
export interface Rule {
  readonly about: string
  /** The option that switches it; without one it always holds. */
  readonly option: keyof Options | undefined
  /** A URL, and its key by this rule. */
  readonly example: readonly [url: string, key: string]
}

const rule = (about: string, url: string, key: string, option?: keyof Options): Rule => ({
  about,
  option,
  example: [`http://shop.example${url}`, `http://shop.example${key}`]
})

/**
 * The rules, in the order in which they are applied.
 *
 * ```ts
 * const switched = CanonicalUrl.rules.flatMap(({ option }) => option ?? [])
 * switched // => ["dropTracking", "dropSessions", "dropSessions", "sortQuery"]
 * ```
 *
 * @since 0.1.0
 */
export const rules: ReadonlyArray<Rule> = [
  {
    about: "scheme and host in lower case, the host in ASCII",
    option: undefined,
    example: ["HTTP://Bücher.example/", "http://xn--bcher-kva.example/"]
  },
  rule("no default port", ":80/tea", "/tea"),
  {
    about: "no user name and password",
    option: undefined,
    example: ["http://me:secret@shop.example/tea", "http://shop.example/tea"]
  },
  rule("no fragment", "/tea#price", "/tea"),
  rule("no dot segments", "/a/./b/../tea", "/a/tea"),
  rule(
    "percent-encoding in upper case, and only where it is needed",
    "/%7etea%c3%a9",
    "/~tea%C3%A9"
  ),
  rule("no empty query, and no empty parts of one", "/tea?&a=1&&b=2&", "/tea?a=1&b=2"),
  rule("no tracking parameters", "/tea?utm_source=x&id=1&gclid=y", "/tea?id=1", "dropTracking"),
  rule("no session id in the path", "/tea;jsessionid=A1B2?id=1", "/tea?id=1", "dropSessions"),
  rule(
    "no session id in the query",
    "/tea?PHPSESSID=x&sid=0123456789abcdef&id=1",
    "/tea?id=1",
    "dropSessions"
  ),
  rule("the query sorted by names", "/tea?b=1&a=2&b=0", "/tea?a=2&b=1&b=0", "sortQuery")
]

/**
 * Raised for a link that a crawler cannot follow.
 *
 * @since 0.1.0
 */
export class LinkRefused extends Data.TaggedError("LinkRefused")<{
  readonly link: string
  readonly reason: "not a URL" | "not http or https" | "too long"
}> {
  override get message(): string {
    return `${JSON.stringify(this.link.slice(0, 200))} is ${this.reason}`
  }
}

/**
 * Resolves a link against the page that holds it and finds its key.
 *
 * The key is the WHATWG form (lower-case host, no default port, dots resolved) without credentials,
 * fragment, empty query, tracking parameters and session ids, with `%xx` in one spelling. `www`,
 * slashes, http against https, and the order of the query make a difference, because on real sites
 * they do. See {@link rules}.
 *
 * ```ts
 * const base = new URL("http://Shop.example:80/books/")
 * const found = CanonicalUrl.fromLink("../a%7eb?utm_source=x&q=1#top", base)
 * Result.map(found, ({ key }) => key) // => Result.succeed("http://shop.example/a~b?q=1")
 * ```
 *
 * @since 0.1.0
 */
export const fromLink = (
  link: string,
  base?: URL,
  options?: Options
): Result.Result<CanonicalUrl, LinkRefused> => {
  const url = URL.parse(link.trim(), base?.href)
  if (url === null) return Result.fail(new LinkRefused({ link, reason: "not a URL" }))
  if (!isWeb(url)) return Result.fail(new LinkRefused({ link, reason: "not http or https" }))
  // Each of these writes the whole URL anew, and most URLs have none of them.
  if (url.href.includes("#")) url.hash = ""
  if (url.href.includes("@")) url.username = url.password = ""
  const { href } = url
  // Most crawls have the defaults, and many links.
  const isPlain = options === undefined || options === defaults
  const settings = isPlain ? defaults : { ...defaults, ...options }
  if (href.length > settings.lengthMax) {
    return Result.fail(new LinkRefused({ link, reason: "too long" }))
  }
  return Result.succeed({ key: keyOf(href, settings), url })
}

/**
 * What the links of a page resolve against: its first `<base href>`, or else the page.
 *
 * A base that is no web page is passed over, as in browsers.
 *
 * ```ts
 * const page = new URL("http://shop.example/tea/")
 * CanonicalUrl.baseOf(page, "/books/").href // => "http://shop.example/books/"
 * CanonicalUrl.baseOf(page, "data:,").href // => "http://shop.example/tea/"
 * ```
 *
 * @since 0.1.0
 */
export const baseOf = (page: URL, href: string | undefined): URL => {
  const base = href === undefined ? null : URL.parse(href.trim(), page.href)
  return base !== null && isWeb(base) ? base : page
}

const isWeb = ({ protocol }: URL): boolean => protocol === "http:" || protocol === "https:"

const keyOf = (href: string, options: Required<Options>): string => {
  // The path starts at the first slash after `http://` and at least one character of a host.
  const pathAt = href.indexOf("/", 8)
  const queryAt = href.indexOf("?")
  const origin = href.slice(0, pathAt)
  const written = normalizePercent(href.slice(pathAt, queryAt === -1 ? undefined : queryAt))
  const path = options.dropSessions ? withoutSession(written) : written
  // What is left of a segment without its session may be dots.
  const place = path === written ? origin + path : new URL(origin + path).href
  return queryAt === -1
    ? place
    : place + queryOf(normalizePercent(href.slice(queryAt + 1)), options)
}

const queryOf = (query: string, { dropSessions, dropTracking, sortQuery }: Required<Options>) => {
  const pairs = query.split("&").filter((pair) => {
    if (pair === "") return false
    const written = nameOf(pair)
    const name = written.toLowerCase()
    if (dropTracking && isTracking(name)) return false
    return !(dropSessions && isSession(name, pair.slice(written.length + 1)))
  })
  if (sortQuery) pairs.sort((a, b) => compare(nameOf(a), nameOf(b)))
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`
}

const nameOf = (pair: string): string => {
  const at = pair.indexOf("=")
  return at === -1 ? pair : pair.slice(0, at)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
