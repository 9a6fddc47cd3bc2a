/** Fetches a page and decides what it means for the crawl: a row with links, a redirect, or neither. */
import * as Charset from "@fibra/http/Charset"
import type * as Fetcher from "@fibra/http/Fetcher"
import * as Sniff from "@fibra/http/Sniff"
import type * as FetchError from "@fibra/http/FetchError"
import * as Revalidation from "@fibra/http/Revalidation"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { hash } from "node:crypto"
import { type CanonicalUrl, fromLink } from "../CanonicalUrl.ts"
import { fields, outline, type Selector } from "../Extract.ts"
import type { Page, SkipReason } from "./settlement.ts"
import * as LinkFilter from "../LinkFilter.ts"
import type { Row } from "../Row.ts"
import * as Sitemaps from "../Sitemaps.ts"
import { causeOf } from "./causeOf.ts"
import type { Fingerprint } from "./fingerprint.ts"
import * as PageLinks from "./pageLinks.ts"
import type { Now } from "./steadyClock.ts"
import type { Validators } from "./store.ts"

export type Reading =
  | {
      readonly _tag: "Row"
      readonly row: Row
      readonly status: number
      readonly leads: PageLinks.PageLinks
      readonly validators: Validators
      readonly fingerprint: Fingerprint | undefined
      readonly freshUntil: number | undefined
    }
  | {
      readonly _tag: "Sitemap"
      /** Whether it lists sitemaps, and not pages. */
      readonly isIndex: boolean
      readonly entries: ReadonlyArray<CanonicalUrl>
      /** Whether it lists more than are read. */
      readonly isCut: boolean
    }
  | {
      readonly _tag: "Unchanged"
      readonly status: number
      readonly validators: Validators
      readonly freshUntil: number | undefined
    }
  | {
      readonly _tag: "Redirect"
      readonly to: CanonicalUrl
      /** What a Retry-After header says. */
      readonly retryAfter: string | undefined
    }
  | { readonly _tag: "Skip"; readonly reason: SkipReason }
  | Failure

export interface Failure {
  readonly _tag: "Fail"
  readonly cause: string
  readonly message: string
  /** The status of the response, when there was one. */
  readonly status: number | undefined
  /** Whether another attempt may go better. */
  readonly isTransient: boolean
  /** What a Retry-After header says. */
  readonly retryAfter: string | undefined
}

export interface ReadOptions extends PageLinks.Options {
  readonly selectors: ReadonlyArray<Selector>
  readonly redirectsMax: number
  readonly now: Now
  /** Where links are followed; everywhere when there is none. */
  readonly follow: ReadonlyArray<LinkFilter.LinkFilter>
  /** Types of binary content that gives a row. */
  readonly accept: ReadonlyArray<string>
}

/** Fetches a sitemap. It is read anew by each visit: what it says of pages may have changed. */
export const fetchSitemap = (
  fetcher: Fetcher.Fetcher["Service"],
  page: Page,
  options: ReadOptions
): Effect.Effect<Reading> =>
  Effect.match(fetcher.fetch(page.url, undefined, Sitemaps.bodyBytesMax), {
    onSuccess: (fetched) => readSitemap(page, fetched, options),
    onFailure: failureOf
  })

export const fetchPage = (
  fetcher: Fetcher.Fetcher["Service"],
  page: Page,
  options: ReadOptions
): Effect.Effect<Reading> =>
  Effect.match(fetcher.fetch(page.url, conditions(page.validators)), {
    onSuccess: (fetched) => read(page, fetched, options),
    onFailure: failureOf
  })

/** What a request says about the version that is known (RFC 9110, 13.1). */
const conditions = (validators: Validators | undefined): Record<string, string> | undefined => {
  if (validators === undefined) return undefined
  const { etag, modified } = validators
  return Revalidation.conditionalHeaders({
    ...(etag === undefined ? {} : { etag }),
    ...(modified === undefined ? {} : { lastModified: modified })
  })
}

/** Until when a page need not be asked for again, where its server says so: a guess would not be enough. */
const freshUntilOf = ({ headers, status }: Fetcher.Fetched, now: Now): number | undefined => {
  const says = headers["expires"] !== undefined || /max-age/i.test(headers["cache-control"] ?? "")
  if (!says) return undefined
  const { freshUntilMillis, isStorable } = Revalidation.freshnessOf({ status, headers }, now())
  return isStorable ? freshUntilMillis : undefined
}

export const failureOf = (error: FetchError.FetchError): Failure => ({
  _tag: "Fail",
  cause: causeOf(error),
  message: error.message,
  status: undefined,
  isTransient: error._tag === "TransportFailed" || error._tag === "FetchTimedOut",
  retryAfter: undefined
})

const fail = (cause: string, message = cause): Reading => ({
  _tag: "Fail",
  cause,
  message,
  status: undefined,
  isTransient: false,
  retryAfter: undefined
})

/** Statuses after which the same request may succeed. */
const transientStatuses: ReadonlySet<number> = new Set([
  408, 425, 429, 500, 502, 503, 504, 522, 524
])

const readSitemap = (
  page: Page,
  { body, headers, status }: Fetcher.Fetched,
  options: ReadOptions
): Reading => {
  if (status >= 300 && status < 400 && headers["location"] !== undefined) {
    return redirectOf(page, headers, options)
  }
  if (status < 200 || status >= 300) return failedWith(status, headers["retry-after"])
  const sitemap = Sitemaps.parse(body, page.url)
  if (Result.isFailure(sitemap)) return fail("no sitemap", sitemap.failure.message)
  const { entries, kind, truncated: isCut } = sitemap.success
  const found = entries
    .map(({ url }) => fromLink(url.href, undefined, options.urls))
    .filter(Result.isSuccess)
  const isIndex = kind === "index"
  return { _tag: "Sitemap", isIndex, isCut, entries: found.map(({ success }) => success) }
}

const failedWith = (status: number, retryAfter: string | undefined): Reading => ({
  _tag: "Fail",
  cause: `status ${status}`,
  message: `status ${status}`,
  status,
  isTransient: transientStatuses.has(status),
  retryAfter
})

const read = (page: Page, fetched: Fetcher.Fetched, options: ReadOptions): Reading => {
  const { body, headers, status } = fetched
  if (status >= 300 && status < 400 && headers["location"] !== undefined) {
    return redirectOf(page, headers, options)
  }
  const validators = {
    etag: headers["etag"],
    modified: headers["last-modified"],
    digest: hash("sha1", body, "base64")
  }
  if (status === 304 && page.validators !== undefined) {
    const { digest, etag, modified } = page.validators
    const known = {
      etag: validators.etag ?? etag,
      modified: validators.modified ?? modified,
      digest
    }
    const freshUntil = freshUntilOf(fetched, options.now)
    return { _tag: "Unchanged", status, validators: known, freshUntil }
  }
  if (status < 200 || status >= 300) return failedWith(status, headers["retry-after"])
  const freshUntil = freshUntilOf(fetched, options.now)
  if (page.validators?.digest === validators.digest) {
    return { _tag: "Unchanged", status, validators, freshUntil }
  }
  const contentType = headers["content-type"]
  const kind = Sniff.kindOf(body, contentType)
  const { accept, follow, selectors } = options
  const isBinary = kind === "binary"
  if (isBinary && !isAccepted(contentType, accept)) return { _tag: "Skip", reason: "not a page" }
  const text = isBinary ? "" : Charset.decode(body, contentType)
  const whole = kind === "html" ? outline(text) : undefined
  const outlined =
    whole === undefined || follow.length === 0
      ? whole
      : { ...whole, ...LinkFilter.linksIn(text, follow), linksCut: 0 }
  const selected = selectors.length === 0 ? {} : fields(text, selectors)
  const row = {
    url: page.key,
    status,
    depth: page.depth,
    ...(fetched.truncated ? { truncated: true as const } : {}),
    title: outlined?.title ?? null,
    ...selected
  }
  const leads =
    outlined === undefined
      ? PageLinks.none
      : PageLinks.of(page, outlined, headers["x-robots-tag"], options)
  const { fingerprint } = outlined ?? {}
  return { _tag: "Row", row, status, validators, fingerprint, freshUntil, leads }
}

/** Whether a type is one of these, of which `image/*` stands for several. */
const isAccepted = (contentType: string | undefined, accept: ReadonlyArray<string>): boolean => {
  const type = contentType?.split(";")[0]!.trim().toLowerCase() ?? ""
  return accept.some((one) =>
    one.endsWith("/*")
      ? type.startsWith(one.slice(0, -1).toLowerCase())
      : type === one.toLowerCase()
  )
}

const redirectOf = (
  page: Page,
  headers: Fetcher.Fetched["headers"],
  { redirectsMax, urls }: ReadOptions
): Reading => {
  const target = fromLink(headers["location"] ?? "", page.url, urls)
  if (Result.isFailure(target)) return fail("redirect to no web page", target.failure.message)
  const { key, url } = target.success
  const before = page.redirectedFrom
  if (url.href === page.url.href || (key !== page.key && before.includes(key))) {
    return fail("redirect loop", `redirect loop, back to ${url.href}`)
  }
  if (before.length >= redirectsMax) {
    return fail("too many redirects", `more than ${redirectsMax} redirects one after the other`)
  }
  return { _tag: "Redirect", to: target.success, retryAfter: headers["retry-after"] }
}
