/** Fetches a page and decides what it means for the crawl: a row with links, a redirect, or neither. */
import { Charset, type Fetcher, type FetchError } from "@fibra/http"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { hash } from "node:crypto"
import { type CanonicalUrl, fromLink } from "../CanonicalUrl.ts"
import { fields, forbidsFollowing, outline, type Selector } from "../Extract.ts"
import type { Page, SkipReason } from "./settlement.ts"
import type { Row } from "../Row.ts"
import { causeOf } from "./causeOf.ts"
import type { Validators } from "./store.ts"

export type Reading =
  | {
      readonly _tag: "Row"
      readonly row: Row
      readonly status: number
      readonly links: ReadonlyArray<CanonicalUrl>
      readonly validators: Validators
    }
  | { readonly _tag: "Unchanged"; readonly status: number; readonly validators: Validators }
  | { readonly _tag: "Redirect"; readonly to: CanonicalUrl }
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

export interface ReadOptions {
  readonly selectors: ReadonlyArray<Selector>
  readonly redirectsMax: number
}

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
  return {
    ...(etag === undefined ? {} : { "if-none-match": etag }),
    ...(modified === undefined ? {} : { "if-modified-since": modified })
  }
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

const read = (page: Page, fetched: Fetcher.Fetched, options: ReadOptions): Reading => {
  const { body, headers, status } = fetched
  if (status >= 300 && status < 400 && headers["location"] !== undefined) {
    return redirectOf(page, headers["location"], options.redirectsMax)
  }
  const validators = {
    etag: headers["etag"],
    modified: headers["last-modified"],
    digest: hash("sha1", body, "base64")
  }
  if (status === 304 && page.validators !== undefined) {
    return { _tag: "Unchanged", status, validators: page.validators }
  }
  if (status < 200 || status >= 300) {
    return {
      _tag: "Fail",
      cause: `status ${status}`,
      message: `status ${status}`,
      status,
      isTransient: transientStatuses.has(status),
      retryAfter: headers["retry-after"]
    }
  }
  if (page.validators?.digest === validators.digest) {
    return { _tag: "Unchanged", status, validators }
  }
  const contentType = headers["content-type"]
  if (!isText(contentType)) return { _tag: "Skip", reason: "not a page" }
  const text = Charset.decode(body, contentType)
  const { base, links, nofollow, title } = isHtml(contentType, text) ? outline(text) : noOutline
  const { selectors } = options
  const selected = selectors.length === 0 ? {} : fields(text, selectors)
  const row = { url: page.key, status, depth: page.depth, title, ...selected }
  const isSilent = nofollow || forbidsFollowing(headers["x-robots-tag"] ?? "")
  const from = (base === undefined ? null : URL.parse(base, page.url.href)) ?? page.url
  return { _tag: "Row", row, status, validators, links: isSilent ? [] : resolve(links, from) }
}

/** Pages repeat their links: each is resolved once. */
const resolve = (links: ReadonlyArray<string>, from: URL): ReadonlyArray<CanonicalUrl> =>
  Array.from(new Set(links), (link) => fromLink(link, from))
    .filter(Result.isSuccess)
    .map(({ success }) => success)

const redirectOf = (page: Page, location: string, redirectsMax: number): Reading => {
  const target = fromLink(location, page.url)
  if (Result.isFailure(target)) return fail("redirect to no web page", target.failure.message)
  const { key, url } = target.success
  const before = page.redirectedFrom
  if (url.href === page.url.href || (key !== page.key && before.includes(key))) {
    return fail("redirect loop", `redirect loop, back to ${url.href}`)
  }
  if (before.length >= redirectsMax) {
    return fail("too many redirects", `more than ${redirectsMax} redirects one after the other`)
  }
  return { _tag: "Redirect", to: target.success }
}

const noOutline = { title: null, base: undefined, links: [], nofollow: false } as const

// Servers forget the type of real pages, and never send one that is right for a picture.
const isText = (contentType: string | undefined): boolean =>
  contentType === undefined || /^\s*(text\/|application\/([\w.-]*\+)?(xml|json))/i.test(contentType)

const isHtml = (contentType: string | undefined, text: string): boolean =>
  contentType === undefined
    ? /^\s*</.test(text)
    : /^\s*(text\/html|application\/xhtml\+xml)/i.test(contentType)
