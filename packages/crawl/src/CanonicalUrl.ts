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
 * Raised for a link that a crawler cannot follow.
 *
 * @since 0.1.0
 */
export class LinkRefused extends Data.TaggedError("LinkRefused")<{
  readonly link: string
  readonly reason: "not a URL" | "not http or https" | "longer than 2083 characters"
}> {
  override get message(): string {
    return `${JSON.stringify(this.link.slice(0, 200))} is ${this.reason}`
  }
}

/** The longest URL that servers and browsers agree to handle. */
const urlLengthMax = 2083

/**
 * Resolves a link against the page that holds it and finds its key.
 *
 * The key is the WHATWG form (lower-case host, no default port, dots resolved) without credentials,
 * fragment, empty query and tracking parameters, with `%xx` in one spelling. `www`, slashes, http
 * against https, and the order of the query make a difference, because on real sites they do.
 *
 * ```ts
 * const base = new URL("http://Shop.example:80/books/")
 * const found = CanonicalUrl.fromLink("../a%7eb?utm_source=x&q=1#top", base)
 * Result.map(found, ({ key }) => key) // => Result.succeed("http://shop.example/a~b?q=1")
 * ```
 *
 * @since 0.1.0
 */
export const fromLink = (link: string, base?: URL): Result.Result<CanonicalUrl, LinkRefused> => {
  const url = URL.parse(link.trim(), base?.href)
  if (url === null) return Result.fail(new LinkRefused({ link, reason: "not a URL" }))
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return Result.fail(new LinkRefused({ link, reason: "not http or https" }))
  }
  url.hash = ""
  url.username = ""
  url.password = ""
  if (url.href.length > urlLengthMax) {
    return Result.fail(new LinkRefused({ link, reason: "longer than 2083 characters" }))
  }
  return Result.succeed({ key: keyOf(url), url })
}

const keyOf = (url: URL): string => {
  const query = url.search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "" && !trackingName.test(pair.split("=", 1)[0]!))
    .join("&")
  return url.origin + normalizePercent(url.pathname + (query === "" ? "" : `?${query}`))
}

// Parameters that analytics tools add to links and that never choose the page.
const trackingName =
  /^(utm_[a-z_]+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_hsenc|_hsmi)$/i
