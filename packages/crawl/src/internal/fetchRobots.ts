/** Fetches the robots.txt of an origin and tells what its answer means. */
import type * as Fetcher from "@fibra/http/Fetcher"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RobotsAccess from "../RobotsAccess.ts"
import { failureOf, type Failure } from "./fetchPage.ts"
import { decodeBody } from "./robotsLines.ts"

export type RobotsAnswer =
  /** The file; empty when there is none. */
  | { readonly _tag: "Rules"; readonly body: string; readonly keepMillis: number }
  | {
      readonly _tag: "Unavailable"
      readonly cause: string
      readonly retryAfter: string | undefined
    }
  | { readonly _tag: "Unreachable"; readonly failure: Failure }

/** Redirects are followed, to other hosts too, and their rules hold for the origin that was asked. */
export const fetchRobots = (
  fetcher: Fetcher.Fetcher["Service"],
  origin: string,
  productToken: string
): Effect.Effect<RobotsAnswer> => {
  const ask = Effect.fnUntraced(function* () {
    let url = new URL("/robots.txt", origin)
    for (let redirects = 0; ; redirects++) {
      const { body, headers, status } = yield* fetcher.fetch(
        url,
        undefined,
        RobotsAccess.bodyBytesMax
      )
      const answer = {
        _tag: "Response",
        url,
        status,
        location: headers["location"],
        cacheControl: headers["cache-control"],
        body
      } as const
      const meaning = RobotsAccess.interpret(answer, redirects, productToken)
      if (meaning._tag === "Follow") {
        url = meaning.url
        continue
      }
      if (meaning._tag === "Unreachable") {
        const retryAfter = headers["retry-after"]
        return { _tag: "Unavailable", cause: meaning.reason, retryAfter } satisfies RobotsAnswer
      }
      const text = meaning._tag === "Rules" ? decodeBody(body) : ""
      const keepMillis = Duration.toMillis(meaning.keepFor)
      return { _tag: "Rules", body: text, keepMillis } satisfies RobotsAnswer
    }
  })
  return Effect.catch(ask(), (error) =>
    Effect.succeed({ _tag: "Unreachable" as const, failure: failureOf(error) })
  )
}
