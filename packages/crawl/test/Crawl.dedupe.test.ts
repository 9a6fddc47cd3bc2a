import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import * as Job from "../src/Job.ts"
import { siteInMemory } from "./support/memorySite.ts"
import { links } from "./support/site.ts"

const origin = "http://shop.example"
const named = (canonical: string) => `<link rel=canonical href="${canonical}">`
const site = siteInMemory({
  "/robots.txt": "",
  "/": named("/") + links("a?v=1", "a", "a?v=2", "c", "d", "own", "bad"),
  "/a": named("a"),
  "/a?v=1": named("http://shop.example:80/a?utm_source=x"),
  "/a?v=2": named("a"),
  // The page that they name is not there.
  "/c": named("/gone"),
  "/d": named("/gone"),
  "/own": "nothing said",
  "/bad": named("mailto:me")
})

const options = { seeds: [Result.getOrThrow(fromLink(origin))], delay: 0, perHost: 1 }

/** Crawls the site in lives of so many pages, and gives the paths of its rows. */
const crawl = Effect.fnUntraced(function* (dedupe: "url" | "canonical", pagesOfLife: number) {
  const job = yield* Job.inMemory
  const paths: Array<string> = []
  for (let life = 1; ; life++) {
    const crawl = yield* Crawl.make({
      ...options,
      job,
      dedupe,
      pagesMax: life * pagesOfLife
    })
    yield* crawl.run((event) =>
      Effect.sync(
        () => void (event._tag === "Row" && paths.push(event.row.url.slice(origin.length)))
      )
    )
    const account = yield* crawl.snapshot
    if (account.stoppedAt === undefined) return { account, job, paths: paths.toSorted() }
  }
})

describe("Crawl and rel=canonical", () => {
  it.effect("CRL31: what pages give as their own URL is recorded, and nothing else", () =>
    Effect.gen(function* () {
      const { account, job, paths } = yield* crawl("url", Infinity)
      const all = ["/", "/a", "/a?v=1", "/a?v=2", "/bad", "/c", "/d", "/own"]
      assert.deepStrictEqual(paths, all)
      assert.deepStrictEqual([account.done, account.rows, account.duplicates], [8, 8, 0])
      const canonicalOf = (path: string) =>
        Effect.map(Decisions.explain(job, origin + path), (decision) => decision?.canonical)
      const [a, gone] = [`${origin}/a`, `${origin}/gone`]
      const none = undefined
      const expected = [none, none, a, a, none, gone, gone, none]
      assert.deepStrictEqual(yield* Effect.forEach(all, canonicalOf), expected)
      // Also when a page has not changed since.
      yield* Job.revisit(job)
      const again = yield* Crawl.make({ ...options, job })
      yield* again.run()
      assert.strictEqual((yield* again.snapshot).unchanged, 8)
      assert.deepStrictEqual(yield* Effect.forEach(all, canonicalOf), expected)
    }).pipe(Effect.scoped, Effect.provide(site))
  )

  it.effect.each([Infinity, 1])(
    "CRL31: of the pages of one canonical URL the first has the row, in lives of %d pages",
    (pagesOfLife) =>
      Effect.gen(function* () {
        const { account, job, paths } = yield* crawl("canonical", pagesOfLife)
        assert.deepStrictEqual(paths, ["/", "/a?v=1", "/bad", "/c", "/own"])
        assert.deepStrictEqual([account.done, account.rows, account.duplicates], [8, 5, 3])
        const decision = yield* Decisions.explain(job, `${origin}/a`)
        assert.deepStrictEqual([decision?.state, decision?.reason], ["done", "duplicate"])
        assert.strictEqual(decision?.detail, `the row is that of ${origin}/a?v=1`)
      }).pipe(Effect.scoped, Effect.provide(site))
  )
})
