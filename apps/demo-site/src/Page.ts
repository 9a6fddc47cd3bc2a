/** A resource of the shop: where it is, what a crawler should make of it, and how it answers. */

/** Codings that a page may be compressed with, when the client accepts it. */
export type Encoding = "gzip" | "deflate" | "br"

export interface Answer {
  readonly status: number
  /** The whole header value; a charset in it is the one of `body`. */
  readonly contentType: string
  readonly body: Uint8Array
  readonly location?: string
  readonly encoding?: Encoding
  /** How long the answer takes, over the latency of every page. */
  readonly delayMillis?: number
}

/**
 * What a correct crawler does with a page.
 *
 * - `html`: fetch it and follow its links
 * - `book`: the same, and extract a book
 * - `file`: may fetch it, finds no links
 * - `redirect`: fetch it and go on to `location`
 * - `failing`: fetch it, get an error status
 * - `nofollow`: reached by `rel=nofollow` links only, so either choice is right
 * - `disallowed`: never ask for it
 * - `support`: robots.txt, the sitemap, styles and images that no link leads to
 */
export type Kind =
  | "html"
  | "book"
  | "file"
  | "redirect"
  | "failing"
  | "nofollow"
  | "disallowed"
  | "support"

export interface Page {
  readonly path: string
  readonly kind: Kind
  /** Makes the answer; equal on every call. */
  readonly answer: () => Answer
}

export const utf8Html = "text/html; charset=utf-8"

/** An HTML page in UTF-8 with status 200, unless `more` says otherwise. */
export const html = (
  path: string,
  kind: Kind,
  text: () => string,
  more: Partial<Answer> = {}
): Page => ({
  path,
  kind,
  answer: () => ({
    status: 200,
    contentType: utf8Html,
    body: Buffer.from(text()),
    ...more
  })
})

/** A page that sends the client to `location`, which may be relative. */
export const redirect = (path: string, status: 301 | 302 | 308, location: string): Page => ({
  path,
  kind: "redirect",
  answer: () => ({
    status,
    contentType: "text/plain; charset=utf-8",
    body: Buffer.from(`See ${location}\n`),
    location
  })
})

/** Bytes of some type with status 200. */
export const file = (
  path: string,
  kind: Kind,
  contentType: string,
  body: string | Uint8Array
): Page => ({
  path,
  kind,
  answer: () => ({ status: 200, contentType, body: Buffer.from(body) })
})
