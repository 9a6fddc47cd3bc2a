import * as NodeServices from "@effect/platform-node/NodeServices"
import { FetchError, Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Result } from "effect"
import type { ServerResponse } from "node:http"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import * as Job from "../src/Job.ts"
import { siteInMemory } from "./support/memorySite.ts"
import { links, type Pages, serve, status } from "./support/site.ts"
import { serveTimed } from "./support/timedSite.ts"

const seed = (url: string) => Result.getOrThrow(fromLink(url))
const local = Effect.provide([
  Fetcher.layerNode({ allowPrivate: true, timeout: "5 seconds" }),
  NodeServices.layer
])

const numbered = (count: number, body = ""): Pages =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`/${index}`, body]))
const list = (count: number) => links(...Array.from({ length: count }, (_, index) => `/${index}`))

const temporaryJob = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

describe("Crawl, seen by the servers", () => {
  it.live("CRL19: Retry-After holds for the whole host, and in the next life of the job", () =>
    Effect.gen(function* () {
      let busyAt: number | undefined
      const site = yield* serveTimed({
        "/robots.txt": status(200, ""),
        "/": list(4),
        ...numbered(4),
        "/0": (response) => {
          if (busyAt !== undefined) return void response.writeHead(200).end()
          busyAt = performance.now()
          response.writeHead(503, { "retry-after": "1" }).end()
        }
      })
      const directory = yield* temporaryJob
      const open = Effect.flatMap(Job.open(directory), (job) =>
        Crawl.make({
          seeds: [seed(site.origin)],
          job,
          delay: 0,
          perHost: 1,
          retryDelay: "5 millis"
        })
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          const first = yield* open
          const fiber = yield* Effect.forkChild(first.run())
          const isNoted = Effect.map(first.snapshot, ({ retries }) => retries === 1)
          yield* Effect.repeat(Effect.delay(isNoted, "5 millis"), { until: (noted) => noted })
          yield* Fiber.interrupt(fiber)
        })
      )
      const second = yield* open
      yield* second.run()
      const { done, failed, left, retries } = yield* second.snapshot
      assert.deepStrictEqual([done, failed, left, retries], [5, 0, 0, 1])
      const later = site.starts.filter(({ at }) => at > busyAt!)
      assert.strictEqual(later.length, 4)
      for (const { at } of later) assert.isAbove(at - busyAt!, 1000 - 5)
    }).pipe(local)
  )

  it.live("CRL20: a page that fails for a while is tried again, and gives one row", () =>
    Effect.gen(function* () {
      let attempts = 0
      const site = yield* serve({
        "/": links("ill", "dead", "fine"),
        "/ill": (response) => {
          attempts += 1
          if (attempts === 1) response.socket!.resetAndDestroy()
          else response.writeHead(attempts < 4 ? 503 : 200, { "content-type": "text/html" }).end()
        },
        "/dead": status(502),
        "/fine": ""
      })
      const running = yield* Crawl.make({
        seeds: [seed(site.origin)],
        delay: 0,
        retryDelay: "5 millis"
      })
      const urls: Array<string> = []
      yield* running.run((event) =>
        Effect.sync(() => void (event._tag === "Row" && urls.push(event.row.url)))
      )
      const { done, failedBy, retries } = yield* running.snapshot
      assert.deepStrictEqual([done, retries, attempts], [3, 6, 4])
      assert.deepStrictEqual(failedBy, { "status 502": 1 })
      assert.strictEqual(urls.filter((url) => url.endsWith("/ill")).length, 1)
    }).pipe(local)
  )

  it.live(
    "CRL21: a host that goes down is parked; the others are crawled, and its pages are left",
    () =>
      Effect.gen(function* () {
        const numbers = numbered(20)
        const good = yield* serve({ "/": list(20), ...numbers })
        let down = false
        const reset = (response: ServerResponse) => void response.socket!.resetAndDestroy()
        const bad = yield* serve({
          "/": (response) => {
            down = true
            response.writeHead(200, { "content-type": "text/html" }).end(list(20))
          },
          ...Object.fromEntries(Object.keys(numbers).map((path) => [path, reset]))
        })
        const running = yield* Crawl.make({
          seeds: [seed(good.origin), seed(bad.origin)],
          delay: 0,
          retryDelay: "2 millis"
        })
        yield* running.run()
        const { done, left, stoppedAt } = yield* running.snapshot
        assert.isTrue(down)
        assert.deepStrictEqual([done, stoppedAt], [22, "hosts"])
        assert.isAbove(left, 10)
        // Five in a row, and those that were under way at the same time.
        assert.isBelow(bad.log.length, 2 + 2 * 5 + 1)
      }).pipe(local)
  )

  it.live("CRL23: pages that only the sitemap names are crawled, when sitemaps are asked for", () =>
    Effect.gen(function* () {
      const urls =
        (...paths: ReadonlyArray<string>) =>
        (response: ServerResponse, origin: string) =>
          void response
            .writeHead(200, { "content-type": "application/xml" })
            .end(
              `<urlset>${paths.map((path) => `<url><loc>${origin}${path}</loc></url>`).join("")}</urlset>`
            )
      const site = yield* serve({
        "/robots.txt": (response, origin) =>
          void response.end(`User-agent: *\nDisallow: /no\nSitemap: ${origin}/index.xml`),
        "/index.xml": (response, origin) =>
          void response.end(
            `<sitemapindex><sitemap><loc>${origin}/one.xml</loc></sitemap><sitemap><loc>${origin}/two.xml</loc></sitemap></sitemapindex>`
          ),
        "/one.xml": urls("/hidden", "/", "/no"),
        "/two.xml": status(404),
        "/": "",
        "/hidden": ""
      })
      const crawl = Effect.fnUntraced(function* (sitemaps: boolean) {
        const running = yield* Crawl.make({ seeds: [seed(site.origin)], delay: 0, sitemaps })
        yield* running.run()
        return yield* running.snapshot
      })
      assert.strictEqual((yield* crawl(false)).done, 1)
      const { done, failedBy, skippedBy } = yield* crawl(true)
      assert.strictEqual(done, 2)
      assert.deepStrictEqual(skippedBy, { sitemap: 2, robots: 1 })
      assert.deepStrictEqual(failedBy, { "status 404": 1 })
    }).pipe(local)
  )

  it.live("CRL23: a sitemap may be larger than pages may", () =>
    Effect.gen(function* () {
      const filler = `<!-- ${"x".repeat(20_000)} -->`
      const site = yield* serve({
        "/robots.txt": (response, origin) => void response.end(`Sitemap: ${origin}/map.xml`),
        "/map.xml": (response, origin) =>
          void response.end(`<urlset>${filler}<url><loc>${origin}/hidden</loc></url></urlset>`),
        "/": filler,
        "/hidden": ""
      })
      const running = yield* Crawl.make({ seeds: [seed(site.origin)], delay: 0, sitemaps: true })
      yield* running.run()
      const { done, failedBy, skippedBy } = yield* running.snapshot
      assert.deepStrictEqual([done, skippedBy], [1, { sitemap: 1 }])
      assert.deepStrictEqual(failedBy, { "body too large": 1 })
    }).pipe(
      Effect.scoped,
      Effect.provide(Fetcher.layerNode({ allowPrivate: true, bodyBytesMax: 10_000 }))
    )
  )

  it.live.each([
    ["host", ["/shop/", "/shop/a", "/other"]],
    ["prefix", ["/shop/", "/shop/a"]]
  ] as const)("CRL24: the scope %s, with patterns", ([scope, expected]) =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/shop/": links("a", "/other", "b.pdf", "//nowhere.invalid/"),
        "/shop/a": "",
        "/other": ""
      })
      const job = yield* Job.inMemory
      const running = yield* Crawl.make({
        seeds: [seed(`${site.origin}/shop/`)],
        job,
        delay: 0,
        scope,
        exclude: [/\.pdf$/]
      })
      const rows: Array<string> = []
      yield* running.run((event) =>
        Effect.sync(() => void (event._tag === "Row" && rows.push(event.row.url)))
      )
      assert.deepStrictEqual(rows.toSorted(), expected.map((path) => site.origin + path).toSorted())
      const excluded = yield* Decisions.explain(job, `${site.origin}/shop/b.pdf`)
      assert.strictEqual(excluded?.reason, scope === "host" ? "excluded" : "excluded")
    }).pipe(local)
  )

  it.live(
    "CRL13: a page of a sitemap that redirects to another host does not let that host in",
    () =>
      Effect.gen(function* () {
        const there = yield* serve({ "/": links("a"), "/a": "" })
        const site = yield* serve({
          "/robots.txt": (response, origin) => void response.end(`Sitemap: ${origin}/map.txt`),
          "/map.txt": (response, origin) => void response.end(`${origin}/out\n`),
          "/": "",
          "/out": (response) => void response.writeHead(302, { location: `${there.origin}/` }).end()
        })
        const running = yield* Crawl.make({ seeds: [seed(site.origin)], delay: 0, sitemaps: true })
        yield* running.run()
        const { done, skippedBy } = yield* running.snapshot
        assert.strictEqual(done, 1)
        assert.deepStrictEqual(skippedBy, { sitemap: 1, redirected: 1, "other host": 1 })
      }).pipe(local)
  )

  it.live("CRL25: a crawl stops at its limits of time and bytes, with the rest left", () =>
    Effect.gen(function* () {
      const endless: Pages = Object.fromEntries(
        Array.from({ length: 400 }, (_, index) => [
          index === 0 ? "/" : `/${index}`,
          `<title>${index}</title>${links(`/${index + 1}`)}<!--${"x".repeat(1000)}-->`
        ])
      )
      const site = yield* serve(endless)
      const crawl = Effect.fnUntraced(function* (options: Partial<Crawl.Options>) {
        const seeds = [seed(site.origin)]
        const running = yield* Crawl.make({ seeds, delay: 0, depthMax: 1000, ...options })
        yield* running.run()
        return yield* running.snapshot
      })
      const bytes = yield* crawl({ bytesMax: 10_000 })
      assert.deepStrictEqual([bytes.stoppedAt, bytes.done, bytes.left], ["bytes", 10, 1])
      const time = yield* crawl({ timeMax: "150 millis", delay: "20 millis" })
      assert.strictEqual(time.stoppedAt, "time")
      assert.isAbove(time.left, 0)
      assert.isBelow(time.done, 20)
    }).pipe(local)
  )

  it.live("CRL25: what was received of bodies that are too large counts, too", () =>
    Effect.gen(function* () {
      const tooLarge = (url: string) =>
        new FetchError.BodyTooLarge({ url, stage: "sent", bodyBytesMax: 500, bytesReceived: 600 })
      const fetcher = Fetcher.Fetcher.pipe(
        Effect.map(({ fetch }) => ({
          fetch: (url: URL) =>
            /^.[a-d]$/.test(url.pathname) ? Effect.fail(tooLarge(url.href)) : fetch(url)
        }))
      )
      const running = yield* Crawl.make({
        seeds: [seed("http://shop.example")],
        delay: 0,
        perHost: 1,
        bytesMax: 1000
      })
      yield* running.run().pipe(Effect.provideServiceEffect(Fetcher.Fetcher, fetcher))
      const { failed, left, stoppedAt } = yield* running.snapshot
      assert.deepStrictEqual([failed, left, stoppedAt], [2, 2, "bytes"])
    }).pipe(Effect.scoped, Effect.provide(siteInMemory({ "/": links("a", "b", "c", "d") })))
  )
})
