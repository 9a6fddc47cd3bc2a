import { assert, describe } from "@effect/vitest"
import { Fetcher } from "@fibra/http"
import { it } from "@fibra/testing/Vitest"
import { Clock, Effect, Layer, Random, Result } from "effect"
import { fromLink } from "../../src/CanonicalUrl.ts"
import * as Crawl from "../../src/Crawl.ts"
import { type Answer, fetchedOf } from "../support/memorySite.ts"
import { links } from "../support/site.ts"

const hosts = ["a", "b", "c"].map((name) => `http://${name}.example`)
const paths = Array.from({ length: 8 }, (_, index) => `/${index}`)
const perHost = 2
const delays: Record<string, number> = { [hosts[0]!]: 100, [hosts[1]!]: 100, [hosts[2]!]: 400 }

/** Three hosts on the clock of the simulation: one asks for a longer delay, one to be left alone once. */
const site = () => {
  const starts: Record<string, Array<number>> = {}
  const active: Record<string, number> = {}
  let activeMax = 0
  let quiet: { readonly from: number; readonly to: number } | undefined

  const answer = (origin: string, path: string, now: number): Answer => {
    if (path === "/robots.txt") {
      return { body: origin === hosts[2] ? "User-agent: *\nCrawl-delay: 0.4" : "" }
    }
    if (path === "/3" && origin === hosts[1] && quiet === undefined) {
      quiet = { from: now, to: now + 3000 }
      return { status: 429, headers: { "retry-after": "3" } }
    }
    return { body: path === "/" ? links(...paths) : path }
  }
  const layer = Layer.succeed(Fetcher.Fetcher, {
    fetch: Effect.fnUntraced(function* (url) {
      const { origin, pathname } = url
      ;(starts[origin] ??= []).push(yield* Clock.currentTimeMillis)
      active[origin] = (active[origin] ?? 0) + 1
      activeMax = Math.max(activeMax, active[origin])
      yield* Effect.sleep(yield* Random.nextIntBetween(1, 300))
      const now = yield* Clock.currentTimeMillis
      active[origin] -= 1
      return fetchedOf(url, answer(origin, pathname, now))
    })
  })
  return { layer, starts, activeMax: () => activeMax, quiet: () => quiet }
}

describe("A crawl on a clock of its own", () => {
  it.sim("CRL18, CRL19: pauses, permits and Retry-After hold in any order of events", () =>
    Effect.gen(function* () {
      const { activeMax, layer, quiet, starts } = site()
      const running = yield* Crawl.make({
        seeds: hosts.map((origin) => Result.getOrThrow(fromLink(origin))),
        delay: 100,
        perHost,
        concurrency: 4
      })
      const urls: Array<string> = []
      yield* running
        .run((event) => Effect.sync(() => void (event._tag === "Row" && urls.push(event.row.url))))
        .pipe(Effect.provide(layer))
      const { done, failed, left, retries } = yield* running.snapshot
      assert.deepStrictEqual([done, failed, left, retries], [27, 0, 0, 1])
      assert.strictEqual(new Set(urls).size, 27)
      assert.isAtMost(activeMax(), perHost)
      for (const origin of hosts) {
        for (const [index, at] of starts[origin]!.entries()) {
          if (index > 0) assert.isAtLeast(at - starts[origin]![index - 1]!, delays[origin]!)
        }
      }
      const { from, to } = quiet()!
      assert.deepStrictEqual(
        starts[hosts[1]!]!.filter((at) => at > from && at < to),
        []
      )
    }).pipe(Effect.scoped)
  )
})
