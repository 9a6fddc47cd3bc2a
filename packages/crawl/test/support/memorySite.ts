import { Fetcher } from "@fibra/http"
import { Effect, Layer } from "effect"
import * as Headers from "effect/http/Headers"

interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** A site without a network: by path and query the HTML of a page, or an answer. Others are a 404. */
export const siteInMemory = (pages: Readonly<Record<string, string | Answer>>) =>
  Layer.succeed(Fetcher.Fetcher, {
    fetch: (url) => {
      const page = pages[url.pathname + url.search] ?? { status: 404 }
      const { body = "", headers, status = 200 } = typeof page === "string" ? { body: page } : page
      const bytes = new TextEncoder().encode(body)
      return Effect.succeed({
        url: url.href,
        status,
        headers: Headers.fromInput({ "content-type": "text/html", ...headers }),
        setCookies: [],
        body: bytes,
        bytesSent: bytes.length,
        truncated: false
      })
    }
  })
