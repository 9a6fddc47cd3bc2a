import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { type Options as UrlRules, defaults, fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Job from "../src/Job.ts"
import { siteInMemory } from "./support/memorySite.ts"
import { links } from "./support/site.ts"

const origin = "http://shop.example"
const site = siteInMemory({
  "/robots.txt": "Sitemap: /map.xml",
  "/map.xml": `<urlset><url><loc>${origin}/tea?b=1&amp;a=2</loc></url></urlset>`,
  "/": links(
    "/tea?a=2&b=1",
    "/tea?b=1&a=2",
    "/milk",
    "/milk?utm_source=x",
    "mailto:a@b",
    "http://["
  ),
  "/tea?a=2&b=1": links("mailto:a@b", "mailto:a@b", "javascript:void(0)", `/${"x".repeat(2100)}`),
  "/tea?b=1&a=2": "<title>the other spelling</title>",
  "/milk": `<a rel=nofollow href="tel:1">`,
  "/milk?utm_source=x": "<title>followed from a letter</title>"
})

const make = (job: Job.Job, urls: UrlRules) =>
  Crawl.make({
    seeds: [Result.getOrThrow(fromLink(origin, undefined, urls))],
    urls,
    job,
    sitemaps: true,
    perHost: 1,
    delay: 0
  })

const crawl = Effect.fnUntraced(function* (urls: UrlRules) {
  const job = yield* Job.inMemory
  const crawl = yield* make(job, urls)
  const paths: Array<string> = []
  yield* crawl.run((event) =>
    Effect.sync(() => void (event._tag === "Row" && paths.push(event.row.url.slice(origin.length))))
  )
  return { account: yield* crawl.snapshot, job, paths: paths.toSorted() }
})

describe("Crawl and the rules of URLs", () => {
  it.effect.each([
    [{}, ["/", "/milk", "/tea?a=2&b=1", "/tea?b=1&a=2"]],
    [{ sortQuery: true }, ["/", "/milk", "/tea?a=2&b=1"]],
    [{ dropTracking: false }, ["/", "/milk", "/milk?utm_source=x", "/tea?a=2&b=1", "/tea?b=1&a=2"]]
  ] as const)("CRL33: with the rules %j the pages are %j", ([urls, expected]) =>
    Effect.gen(function* () {
      const { job, paths } = yield* crawl(urls)
      assert.deepStrictEqual(paths, [...expected])
      assert.deepStrictEqual(yield* Job.urlRules(job), { ...defaults, ...urls })
    }).pipe(Effect.scoped, Effect.provide(site))
  )

  it.effect("CRL33: a job goes on by its own rules only, but for the bound on lengths", () =>
    Effect.gen(function* () {
      const { job } = yield* crawl({ sortQuery: true })
      yield* make(job, { sortQuery: true, dropTracking: true, lengthMax: 100 })
      const refused = yield* Effect.flip(make(job, {}))
      const [own, other] = [true, false].map(
        (sorts) => `dropTracking true, dropSessions true, sortQuery ${sorts}`
      )
      assert.strictEqual(
        refused.reason,
        `it tells URLs apart by ${own}, and not by ${other}; give another directory`
      )
      yield* Job.restart(job, [])
      yield* make(job, {})
    }).pipe(Effect.scoped, Effect.provide(site))
  )

  it.effect(
    "CRL34: links that lead to no web page are counted by the reason, once for a page",
    () =>
      Effect.gen(function* () {
        const { account } = yield* crawl({})
        const { linksDropped } = account
        assert.deepStrictEqual(linksDropped, {
          "not http or https": 4,
          "not a URL": 1,
          "too long": 1
        })
        const longer = yield* crawl({ lengthMax: 3000 })
        assert.strictEqual(longer.account.linksDropped["too long"], undefined)
        assert.deepStrictEqual(longer.account.failedBy, { "status 404": 1 })
      }).pipe(Effect.scoped, Effect.provide(site))
  )

  it.effect("CRL34: links beyond the bound of a page are counted", () =>
    Effect.gen(function* () {
      const seeds = [Result.getOrThrow(fromLink(origin))]
      const running = yield* Crawl.make({ seeds, delay: 0 })
      yield* running.run()
      const { linksDropped } = yield* running.snapshot
      assert.deepStrictEqual(linksDropped, { "too many on one page": 3 })
    }).pipe(Effect.scoped, Effect.provide(siteInMemory({ "/": "<a href=/>".repeat(20_003) })))
  )
})
