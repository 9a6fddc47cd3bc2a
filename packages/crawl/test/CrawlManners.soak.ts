import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import { links, type Pages, status } from "./support/site.ts"
import { serveTimed } from "./support/timedSite.ts"

const seed = (url: string) => Result.getOrThrow(fromLink(url))
const local = Effect.provide(Fetcher.layerNode({ allowPrivate: true }))
const range = (count: number) => Array.from({ length: count }, (_, index) => `/${index}`)
const numbered = (count: number): Pages =>
  Object.fromEntries(range(count).map((path) => [path, `<title>${path}`]))
const list = (count: number) => links(...range(count))

// A request is seen here a little after it was sent, so that a gap may look shorter by that much: on a busy
// machine by as much as this process, which is the server too, stood still.
const slack = 30

describe("Crawl, timed by real servers", () => {
  it.live(
    "CRL18: five hosts are asked at the same time, each at the pace that it asks for",
    () =>
      Effect.gen(function* () {
        const sites = yield* Effect.replicateEffect(
          serveTimed({
            "/robots.txt": status(200, ""),
            "/": list(20),
            ...numbered(20)
          }),
          4
        )
        const slow = yield* serveTimed({
          "/robots.txt": status(200, "User-agent: *\nCrawl-delay: 2"),
          "/": list(8),
          ...numbered(8)
        })
        const all = [...sites, slow]
        const running = yield* Crawl.make({
          seeds: all.map(({ origin }) => seed(`${origin}/`)),
          delay: "1 second",
          perHost: 3
        })
        const stalls = monitorEventLoopDelay({ resolution: 5 })
        stalls.enable()
        yield* running.run()
        stalls.disable()
        const late = slack + stalls.max / 1e6
        assert.strictEqual((yield* running.snapshot).done, 4 * 21 + 9)
        for (const { activeMax, gaps } of sites) {
          for (const gap of gaps()) assert.isAbove(gap, 1000 - late)
          assert.isAtMost(activeMax(), 3)
        }
        for (const gap of slow.gaps()) assert.isAbove(gap, 2000 - late)
        // They were not asked one after the other.
        const span = (from: number) => Math.max(...all.map(({ starts }) => starts[from]!.at))
        const first = Math.min(...all.map(({ starts }) => starts.at(-1)!.at))
        assert.isBelow(span(0), first)
      }).pipe(local),
    120_000
  )
})
