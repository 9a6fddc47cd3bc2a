import { Fetcher } from "@fibra/http"
import { Effect, Layer } from "effect"
import * as Headers from "effect/http/Headers"

export interface Answer {
  readonly status?: number | undefined
  readonly headers?: Record<string, string> | undefined
  readonly body?: string | undefined
}

/** What a fetcher would have made of an answer. */
export const fetchedOf = (url: URL, { body = "", headers, status = 200 }: Answer) => {
  const bytes = new TextEncoder().encode(body)
  return {
    url: url.href,
    status,
    headers: Headers.fromInput({ "content-type": "text/html", ...headers }),
    setCookies: [],
    body: bytes,
    bytesSent: bytes.length,
    truncated: false
  }
}

/** A site without a network: by path and query the HTML of a page, or an answer. Others are a 404. */
export const siteInMemory = (pages: Readonly<Record<string, string | Answer>>) =>
  Layer.succeed(Fetcher.Fetcher, {
    fetch: (url) => {
      const page = pages[url.pathname + url.search] ?? { status: 404 }
      return Effect.succeed(fetchedOf(url, typeof page === "string" ? { body: page } : page))
    }
  })
