import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Job from "../src/Job.ts"
import { realPages, serveTrapSite, type TrapSite } from "./support/trapSite.ts"

const local = Effect.provide(Fetcher.layerNode({ allowPrivate: true, timeout: "5 seconds" }))

/** Crawls the site of traps to its end, in lives of so many pages each. */
const crawl = Effect.fnUntraced(function* (site: TrapSite, pagesOfLife: number) {
  const job = yield* Job.inMemory
  const seeds = [Result.getOrThrow(fromLink(site.origin))]
  const rows: Array<string> = []
  for (let life = 1; ; life++) {
    const options = { seeds, job, delay: 0, traps: {}, pagesMax: life * pagesOfLife }
    const crawl = yield* Crawl.make(options)
    yield* crawl.run((event) =>
      Effect.sync(() => void (event._tag === "Row" && rows.push(event.row.url)))
    )
    const account = yield* crawl.snapshot
    const { discovered, done, failed, left, skipped } = account
    assert.strictEqual(discovered, done + failed + skipped + left)
    assert.isBelow(life, 100)
    if (account.stoppedAt === undefined) return { account, rows, traps: crawl.traps }
  }
})

describe("Crawl and traps", () => {
  it.live.each([
    ["in one life", Number.POSITIVE_INFINITY],
    ["in many lives", 53]
  ] as const)(
    "TRP7, TRP10: among endless traps all is found and little wasted, %s",
    ([, pagesOfLife]) =>
      Effect.gen(function* () {
        const site = yield* serveTrapSite
        const { account, rows, traps } = yield* crawl(site, pagesOfLife)
        const { found, requests, wasted, wastedBy } = site.score()
        assert.isAtLeast(found, realPages * 0.99)
        assert.isAtMost(wasted / requests, 0.05, JSON.stringify(wastedBy))
        assert.strictEqual(new Set(rows).size, rows.length)
        assert.strictEqual(account.left, 0)
        // What it was kept out of is reported, over all lives.
        const refused = yield* Effect.map(traps, (found) =>
          found.reduce((sum, { refused }) => sum + refused, 0)
        )
        const { "near-duplicates": alike = 0, "parameter without effect": equal = 0 } =
          account.skippedBy
        assert.strictEqual(refused, alike + equal)
        // Each skip names its rule.
        assert.deepStrictEqual(Object.keys(account.skippedBy).toSorted(), [
          "near-duplicates",
          "parameter without effect",
          "redirected",
          "repeated segments"
        ])
      }).pipe(local)
  )

  it.live("TRP10: without that the same pages cost many times as much", () =>
    Effect.gen(function* () {
      const site = yield* serveTrapSite
      const seeds = [Result.getOrThrow(fromLink(site.origin))]
      const crawl = yield* Crawl.make({ seeds, delay: 0, traps: false, pagesMax: 700 })
      yield* crawl.run()
      const { requests, wasted } = site.score()
      assert.isAbove(wasted / requests, 0.2)
    }).pipe(local)
  )
})
