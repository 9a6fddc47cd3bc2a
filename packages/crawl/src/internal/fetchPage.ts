/** Fetches a page and decides what it means for the crawl: a row with links, a redirect, or neither. */
import { Charset, type Fetcher } from "@fibra/http"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type CanonicalUrl, fromLink } from "../CanonicalUrl.ts"
import { fields, forbidsFollowing, outline, type Selector } from "../Extract.ts"
import type { Page, SkipReason } from "../Frontier.ts"
import type { Row } from "../Row.ts"
import { causeOf } from "./causeOf.ts"

export type Reading =
  | { readonly _tag: "Row"; readonly row: Row; readonly links: ReadonlyArray<CanonicalUrl> }
  | { readonly _tag: "Redirect"; readonly to: CanonicalUrl }
  | { readonly _tag: "Skip"; readonly reason: SkipReason }
  | { readonly _tag: "Fail"; readonly cause: string; readonly message: string }

export interface ReadOptions {
  readonly selectors: ReadonlyArray<Selector>
  readonly redirectsMax: number
}

export const fetchPage = (
  fetcher: Fetcher.Fetcher["Service"],
  page: Page,
  options: ReadOptions
): Effect.Effect<Reading> =>
  Effect.match(fetcher.fetch(page.url), {
    onSuccess: (fetched) => read(page, fetched, options),
    onFailure: (error) => fail(causeOf(error), error.message)
  })

const fail = (cause: string, message = cause): Reading => ({ _tag: "Fail", cause, message })

const read = (
  page: Page,
  fetched: Fetcher.Fetched,
  { redirectsMax, selectors }: ReadOptions
): Reading => {
  const { body, headers, status } = fetched
  const location = headers["location"]
  if (status >= 300 && status < 400 && location !== undefined) {
    const target = fromLink(location, page.url)
    if (Result.isFailure(target)) return fail("redirect to no web page", target.failure.message)
    const { key, url } = target.success
    const seen = page.redirectedFrom
    if (url.href === page.url.href || (key !== page.key && seen.includes(key))) {
      return fail("redirect loop", `redirect loop, back to ${url.href}`)
    }
    if (seen.length >= redirectsMax) {
      return fail("too many redirects", `more than ${redirectsMax} redirects one after the other`)
    }
    return { _tag: "Redirect", to: target.success }
  }
  if (status < 200 || status >= 300) return fail(`status ${status}`)

  const contentType = headers["content-type"]
  if (!isText(contentType)) return { _tag: "Skip", reason: "not a page" }
  const text = Charset.decode(body, contentType)
  const { base, links, nofollow, title } = isHtml(contentType, text) ? outline(text) : noOutline
  const row = { url: page.key, status, depth: page.depth, title, ...fields(text, selectors) }
  if (nofollow || forbidsFollowing(headers["x-robots-tag"] ?? "")) {
    return { _tag: "Row", row, links: [] }
  }
  const from = (base === undefined ? null : URL.parse(base, page.url.href)) ?? page.url
  const found = links.map((link) => fromLink(link, from)).filter(Result.isSuccess)
  return { _tag: "Row", row, links: found.map(({ success }) => success) }
}

const noOutline = { title: null, base: undefined, links: [], nofollow: false } as const

// Servers forget the type of real pages, and never send one that is right for a picture.
const isText = (contentType: string | undefined): boolean =>
  contentType === undefined || /^\s*(text\/|application\/([\w.-]*\+)?(xml|json))/i.test(contentType)

const isHtml = (contentType: string | undefined, text: string): boolean =>
  contentType === undefined
    ? /^\s*</.test(text)
    : /^\s*(text\/html|application\/xhtml\+xml)/i.test(contentType)
