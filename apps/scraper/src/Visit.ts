/** Gets single pages as a crawl would: robots.txt of each host that a redirect leads to is asked first. */
import * as Program from "@fibra/cli/Program"
import { Crawl } from "@fibra/crawl"
import { Fetcher, type Fetched } from "@fibra/http/Fetcher"
import type { FetchError } from "@fibra/http/FetchError"
import * as Redirects from "@fibra/http/Redirects"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as AgentFlags from "./AgentFlags.ts"
import * as RobotsFile from "./RobotsFile.ts"
import * as Screen from "./Screen.ts"

export interface Options extends Pick<AgentFlags.Parsed, "agent"> {
  readonly robots: "obey" | "ignore"
  readonly maxRedirects: number
  /** Between the starts of two requests to one origin; a longer Crawl-delay of the site wins. */
  readonly delay: Duration.Duration
}

export interface Visited extends Fetched {
  /** All that were asked, the last of which answered. */
  readonly urls: ReadonlyArray<string>
}

export interface Visitor {
  /** With `firstBytes` so much of a body is read, whatever bound pages have. */
  readonly get: (url: URL, firstBytes?: number) => Effect.Effect<Visited, Program.Stopped>
  /** Asked once for each origin. */
  readonly robotsOf: (origin: string) => Effect.Effect<RobotsFile.RobotsFile>
}

export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Visitor, never, Fetcher> {
  const fetcher = yield* Fetcher
  const agent = AgentFlags.productTokenOf(options)
  const known = new Map<string, RobotsFile.RobotsFile>()
  const nextStart = new Map<string, number>()
  let hasSaid = false

  const robotsOf = Effect.fnUntraced(function* (origin: string) {
    const file = known.get(origin) ?? (yield* RobotsFile.ask(fetcher, origin, agent))
    known.set(origin, file)
    return file
  })

  const permit = Effect.fnUntraced(function* (url: URL) {
    if (options.robots === "ignore") {
      if (!hasSaid) yield* Screen.say("robots.txt is not asked: --robots ignore")
      hasSaid = true
      return Duration.zero
    }
    const { failure, obey, reason } = yield* robotsOf(url.origin)
    // The page would not answer either.
    if (failure !== undefined) return yield* stoppedBy(failure)
    const decision = obey.decide(url)
    if (decision.allowed) return obey.crawlDelay ?? Duration.zero
    const why = decision.rule === undefined ? reason : `line ${decision.line}: ${decision.rule}`
    return yield* new Program.Stopped({
      exitCode: 10,
      reason: `robots.txt of ${url.origin} forbids ${url.href} (${why})`
    })
  })

  const wait = Effect.fnUntraced(function* (origin: string, crawlDelay: Duration.Duration) {
    const asked = Duration.min(crawlDelay, Duration.fromInputUnsafe(Crawl.defaults.crawlDelayMax))
    const now = yield* Clock.currentTimeMillis
    const start = Math.max(now, nextStart.get(origin) ?? 0)
    nextStart.set(origin, start + Duration.toMillis(Duration.max(asked, options.delay)))
    if (start > now) yield* Effect.sleep(start - now)
  })

  const get = Effect.fnUntraced(function* (
    first: URL,
    firstBytes?: number
  ): Effect.fn.Return<Visited, Program.Stopped> {
    const urls: Array<string> = []
    let url = first
    while (true) {
      yield* wait(url.origin, yield* permit(url))
      const fetched = yield* Effect.catch(fetcher.fetch(url, undefined, firstBytes), stoppedBy)
      urls.push(url.href)
      const hop = Redirects.hopOf(
        { method: "GET", url },
        { status: fetched.status, location: fetched.headers["location"] }
      )
      if (hop === undefined || options.maxRedirects === 0) return { ...fetched, urls }
      const refuse = (reason: string) => new Program.Stopped({ exitCode: 8, reason })
      if (typeof hop === "string") {
        return yield* refuse(`${url.href} redirects to "${hop}", which is no web page`)
      }
      const to = hop.url.href
      if (urls.includes(to))
        return yield* refuse(`${first.href} redirects in a loop, back to ${to}`)
      if (urls.length > options.maxRedirects) {
        return yield* refuse(`${first.href} redirects more than ${options.maxRedirects} times`)
      }
      url = hop.url
    }
  })
  return { get, robotsOf }
})

/** 4 and 5 when there was no connection, as after a crawl that reached nobody; 8 when its page is no good. */
export const stoppedBy = (error: FetchError): Effect.Effect<never, Program.Stopped> => {
  const hint = error._tag === "AddressRefused" ? " (--allow-private)" : ""
  return Effect.fail(
    new Program.Stopped({ exitCode: exitCodes[error._tag], reason: `${error.message}${hint}` })
  )
}

const exitCodes = {
  AddressRefused: 4,
  TransportFailed: 4,
  FetchTimedOut: 4,
  TlsFailed: 5,
  BodyTooLarge: 8,
  BodyUndecodable: 8
} as const satisfies Record<FetchError["_tag"], number>
