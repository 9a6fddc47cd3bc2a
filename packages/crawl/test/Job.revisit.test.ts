import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as TestClock from "effect/testing/TestClock"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import * as Job from "../src/Job.ts"
import { siteInMemory } from "./support/memorySite.ts"
import { links } from "./support/site.ts"

const seeds = [Result.getOrThrow(fromLink("http://shop.example"))]
const cached = (control: string, more: Record<string, string> = {}) => ({
  headers: { "cache-control": control, ...more },
  body: control
})
const pages = {
  "/robots.txt": "",
  "/": links("minute", "hour", "expires", "never", "guess", "none"),
  "/minute": cached("max-age=60"),
  "/hour": cached("private, max-age=7200, stale-while-revalidate=1", { age: "3600" }),
  "/expires": cached("", {
    date: "Thu, 01 Jan 1970 00:00:00 GMT",
    expires: "Thu, 01 Jan 1970 00:30:00 GMT"
  }),
  "/never": cached("no-store, max-age=7200"),
  "/guess": cached("", { "last-modified": "Thu, 01 Jan 1970 00:00:00 GMT" }),
  "/none": ""
}

describe("Job.revisit", () => {
  it.effect("JOB2: sitemaps are read again, for pages that are new in them", () =>
    Effect.gen(function* () {
      const mapOf = (...paths: ReadonlyArray<string>) =>
        `<urlset>${paths.map((path) => `<url><loc>http://shop.example${path}</loc></url>`).join("")}</urlset>`
      const pages = {
        "/robots.txt": "Sitemap: /map",
        "/map": mapOf("/a"),
        "/": "",
        "/a": "",
        "/b": ""
      }
      const job = yield* Job.inMemory
      const crawl = Effect.gen(function* () {
        const crawl = yield* Crawl.make({ seeds, job, delay: 0, sitemaps: true })
        yield* crawl.run()
        const { done, rows, skippedBy } = yield* crawl.snapshot
        assert.deepStrictEqual(yield* Decisions.reconcile(job), [])
        return { done, rows, skippedBy }
      }).pipe(Effect.provide(siteInMemory(pages)))
      assert.deepStrictEqual(yield* crawl, { done: 2, rows: 2, skippedBy: { sitemap: 1 } })
      pages["/map"] = mapOf("/a", "/b")
      assert.deepStrictEqual(yield* Job.revisit(job), { queued: 2, fresh: 0 })
      assert.deepStrictEqual(yield* crawl, { done: 3, rows: 3, skippedBy: { sitemap: 1 } })
    }).pipe(Effect.scoped)
  )

  it.effect("JOB2: a page is not asked for again while its server says that it is fresh", () =>
    Effect.gen(function* () {
      const job = yield* Job.inMemory
      const crawl = Effect.gen(function* () {
        const crawl = yield* Crawl.make({ seeds, job, delay: 0 })
        yield* crawl.run()
        return yield* crawl.snapshot
      }).pipe(Effect.provide(siteInMemory(pages)))
      assert.strictEqual((yield* crawl).done, 7)

      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* Job.revisit(job), { queued: 4, fresh: 3 })
      const second = yield* crawl
      assert.deepStrictEqual([second.done, second.unchanged, second.rows], [7, 4, 7])

      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Job.revisit(job), { queued: 5, fresh: 2 })
      // It is unchanged, and fresh for another minute.
      assert.strictEqual((yield* crawl).unchanged, 5)
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* Job.revisit(job), { queued: 4, fresh: 3 })
      // Those that stay as they are have given no row the last time.
      assert.strictEqual((yield* crawl).unchanged, 5)

      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* Job.revisit(job), { queued: 7, fresh: 0 })
      assert.strictEqual((yield* crawl).unchanged, 7)
    }).pipe(Effect.scoped)
  )
})
