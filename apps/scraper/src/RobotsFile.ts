/** The robots.txt of one site: how it was asked for, and what the answer means. */
import { Robots, RobotsAccess } from "@fibra/crawl"
import type { FetchError } from "@fibra/http/FetchError"
import type { Fetcher } from "@fibra/http/Fetcher"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

export interface RobotsFile {
  /** Each request that was made, and what came of it, in order. */
  readonly asked: ReadonlyArray<{ readonly url: string; readonly answer: string }>
  readonly meaning: Exclude<RobotsAccess.Meaning, { readonly _tag: "Follow" }>
  /** The rules to obey now, and why these. */
  readonly obey: Robots.Robots
  readonly reason: string
  /** Until when a crawl keeps the answer; milliseconds since 1970. */
  readonly keptUntilMillis: number | undefined
  /** Why there was no answer, if there was none. */
  readonly failure: FetchError | undefined
}

/** Redirects are followed as RFC 9309 says: to other hosts too, and no more than five. */
export const ask = Effect.fnUntraced(function* (
  fetcher: Fetcher["Service"],
  origin: string,
  agent: string
): Effect.fn.Return<RobotsFile> {
  const asked: Array<RobotsFile["asked"][number]> = []
  let url = new URL("/robots.txt", origin)
  while (true) {
    const result = yield* Effect.result(fetcher.fetch(url, undefined, RobotsAccess.bodyBytesMax))
    const failure = Result.isFailure(result) ? result.failure : undefined
    const text = Result.isSuccess(result) ? `status ${result.success.status}` : failure!.message
    const meaning = RobotsAccess.interpret(answerOf(url, result), asked.length, agent)
    asked.push({ url: url.href, answer: text })
    if (meaning._tag !== "Follow") {
      const now = yield* Clock.currentTimeMillis
      return {
        asked,
        meaning,
        ...standingOf(meaning),
        keptUntilMillis:
          "keepFor" in meaning ? now + Duration.toMillis(meaning.keepFor) : undefined,
        failure
      }
    }
    url = meaning.url
  }
})

/** No copy is at hand: a server that says that it is unchanged has no rules. */
const standingOf = (meaning: RobotsFile["meaning"]): Pick<RobotsFile, "obey" | "reason"> => {
  switch (meaning._tag) {
    case "Rules":
      return { obey: meaning.robots, reason: "its rules" }
    case "Unchanged":
      return { obey: Robots.allowAll, reason: "its rules" }
    case "NoRules":
      return { obey: Robots.allowAll, reason: `no rules: ${meaning.reason}` }
    case "Unreachable":
      return { obey: Robots.disallowAll, reason: `unreachable: ${meaning.reason}` }
  }
}

type Fetched = Effect.Success<ReturnType<Fetcher["Service"]["fetch"]>>

const answerOf = (url: URL, result: Result.Result<Fetched, FetchError>): RobotsAccess.Answer => {
  if (Result.isFailure(result)) return { _tag: "NoAnswer", cause: result.failure.message }
  const { body, headers, status } = result.success
  return {
    _tag: "Response",
    url,
    status,
    body,
    location: headers["location"],
    cacheControl: headers["cache-control"]
  }
}
