import { Fetcher } from "@fibra/http"
import { Effect, Layer } from "effect"
import * as Headers from "effect/http/Headers"

/** A site without a network: by path and query a page, or what else there is to send. Others are a 404. */
export const siteInMemory = (
  pages: Readonly<
    Record<string, string | { readonly headers: Record<string, string>; body: string }>
  >
) =>
  Layer.succeed(Fetcher.Fetcher, {
    fetch: (url) => {
      const page = pages[url.pathname + url.search]
      const { body: text, headers } =
        typeof page === "string" ? { body: page, headers: {} } : (page ?? { body: "", headers: {} })
      const body = new TextEncoder().encode(text)
      return Effect.succeed({
        url: url.href,
        status: page === undefined ? 404 : 200,
        headers: Headers.fromInput({ "content-type": "text/html", ...headers }),
        setCookies: [],
        body,
        bytesSent: body.length,
        truncated: false
      })
    }
  })
