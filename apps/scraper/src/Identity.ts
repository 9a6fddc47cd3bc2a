/** The fetcher that all commands share. */
import * as Fetcher from "@fibra/http/Fetcher"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as AgentFlags from "./AgentFlags.ts"
import { parseSeeds } from "./CrawlFlags.ts"
import * as NetFlags from "./NetFlags.ts"

interface Flags extends AgentFlags.Parsed {
  readonly allowPrivate: boolean
  readonly timeout: Duration.Duration
  readonly maxBody: number
  readonly header: ReadonlyArray<string>
  readonly cookies: Option.Option<string>
  readonly proxy: Option.Option<string>
}

/** `named` are the URLs that the user has named: only their sites are told secrets. */
export const fetcherLayer = (
  flags: Flags,
  named: ReadonlyArray<URL>,
  options?: Pick<Fetcher.Options, "keepSent" | "keepTruncated">
) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const headersFor = yield* NetFlags.headersFor(flags.header, named)
      const proxy = yield* NetFlags.parseProxy(flags.proxy)
      const cookies = yield* NetFlags.readCookies(flags.cookies)
      return Fetcher.layerNode({
        userAgent: AgentFlags.userAgentOf(flags),
        allowPrivate: flags.allowPrivate,
        timeout: flags.timeout,
        bodyBytesMax: flags.maxBody,
        headersFor,
        cookies,
        proxy,
        ...options
      })
    })
  )

/** Gives a command about one URL its fetcher. */
export const withFetcher = <A, E, R>(
  flags: Flags & { readonly url: string },
  command: Effect.Effect<A, E, R>
) =>
  Effect.flatMap(parseSeeds([flags.url]), (seeds) =>
    Effect.provide(
      command,
      fetcherLayer(
        flags,
        seeds.map(({ url }) => url)
      )
    )
  )
