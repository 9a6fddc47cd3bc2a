/** Fetches the robots.txt of an origin and tells what its answer means (RFC 9309, 2.3.1). */
import { Charset, type Fetcher, type FetchError } from "@fibra/http"
import * as Effect from "effect/Effect"
import { failureOf, type Failure } from "./fetchPage.ts"

export type RobotsAnswer =
  /** The file; empty when there is none. */
  | { readonly _tag: "Rules"; readonly body: string }
  | {
      readonly _tag: "Unavailable"
      readonly status: number
      readonly retryAfter: string | undefined
    }
  | { readonly _tag: "Unreachable"; readonly failure: Failure }

/** The RFC asks for at least five. */
const redirectsMax = 5

/**
 * Redirects are followed, to other hosts too, and their rules hold for the origin that was asked.
 *
 * A client error means that there are no rules. A server error, and 429, mean that the site cannot
 * say now: nothing may be fetched. Too many redirects count as no rules.
 */
export const fetchRobots = (
  fetcher: Fetcher.Fetcher["Service"],
  origin: string
): Effect.Effect<RobotsAnswer> => {
  const ask = Effect.fnUntraced(function* (): Effect.fn.Return<
    RobotsAnswer,
    FetchError.FetchError
  > {
    let url = new URL("/robots.txt", origin)
    for (let redirects = 0; redirects <= redirectsMax; redirects++) {
      const { body, headers, status } = yield* fetcher.fetch(url)
      if (status >= 200 && status < 300) {
        // The file is UTF-8, whatever its headers say.
        return { _tag: "Rules", body: Charset.decode(body, "text/plain; charset=utf-8") }
      }
      if (status === 429 || status >= 500) {
        return { _tag: "Unavailable", status, retryAfter: headers["retry-after"] }
      }
      const next =
        status >= 300 && status < 400 ? URL.parse(headers["location"] ?? "", url.href) : null
      if (next === null || !/^https?:$/.test(next.protocol)) break
      url = next
    }
    return { _tag: "Rules", body: "" }
  })
  return Effect.catch(ask(), (error) =>
    Effect.succeed({ _tag: "Unreachable" as const, failure: failureOf(error) })
  )
}
