import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Result, Schema } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import * as Job from "../src/Job.ts"
import * as LinkFilter from "../src/LinkFilter.ts"
import type { Row } from "../src/Row.ts"
import { links, redirect, serve, type Site, status } from "./support/site.ts"

const seed = (url: string) => Result.getOrThrow(fromLink(url))
const local = Effect.provide(Fetcher.layerNode({ allowPrivate: true, timeout: "5 seconds" }))

/** Crawls a site from its root, and checks the account. */
const crawl = Effect.fnUntraced(function* (
  site: Site,
  options?: Partial<Crawl.Options> & { readonly start?: string }
) {
  const job = options?.job ?? (yield* Job.inMemory)
  const crawl = yield* Crawl.make({
    seeds: [seed(site.origin + (options?.start ?? "/"))],
    delay: 0,
    retryDelay: "4 millis",
    ...options,
    job
  })
  const rows: Array<Row> = []
  const failures: Array<string> = []
  const exit = yield* Effect.exit(
    crawl.run((event) =>
      Effect.sync(() => {
        if (event._tag === "Row") rows.push(event.row)
        else failures.push(event.cause)
      })
    )
  )
  const account = yield* crawl.snapshot
  const { discovered, done, failed, left, skipped } = account
  assert.strictEqual(discovered, done + failed + skipped + left)
  assert.strictEqual(rows.length, done)
  assert.deepStrictEqual(yield* Decisions.reconcile(job), [])
  const paths = rows.map(({ url }) => url.replace(site.origin, "")).toSorted()
  return { account, exit, failures, paths, rows }
})

describe("Crawl", () => {
  it.live("CRL1, CRL2, CRL6: every page that links lead to gives one row", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": `<title>Home</title>${links("a", "./a#top", "/a?utm_source=x", "dir/", "?q=1")}`,
        "/a": `<title>A</title>${links("/", "//nowhere.invalid/", "mailto:x@y", "javascript:0")}`,
        "/dir/": `<base href="/base/"><a href=b>b<a href='../dir/../c'>c<p></b>`,
        "/base/b": "<h1>B</h1><td><a href='/last",
        "/c": `<title>C</title><a href="/last">`,
        "/last": "<title>last",
        "/?q=1": "the query makes another page"
      })
      const { account, exit, paths, rows } = yield* crawl(site, {
        perHost: 3,
        selectors: [{ name: "heading", css: "h1", attribute: undefined, all: false }]
      })
      assert.deepStrictEqual(exit, Exit.void)
      assert.deepStrictEqual(paths, ["/", "/?q=1", "/a", "/base/b", "/c", "/dir/", "/last"])
      assert.deepStrictEqual(rows[0], {
        url: `${site.origin}/`,
        status: 200,
        depth: 0,
        title: "Home",
        heading: null
      })
      const b = rows.find(({ url }) => url.endsWith("/b"))
      assert.deepStrictEqual(b, {
        url: `${site.origin}/base/b`,
        status: 200,
        depth: 2,
        title: null,
        heading: "B"
      })
      assert.deepStrictEqual(account.skippedBy, { "other host": 1 })
      assert.strictEqual(new Set(site.log).size, site.log.length)
      assert.strictEqual(site.log[0], "/robots.txt")
      assert.strictEqual(account.responses, site.log.length)
      assert.isAtMost(site.activeMax(), 3)
    }).pipe(local)
  )

  it.live("CRL3: redirects give one row for their target, and loops end", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": links("old", "older", "loop-a", "self", "spelling?utm_source=x", "away", "bad"),
        "/old": redirect("/new", 301),
        "/older": redirect("old", 307),
        "/new": "<title>New</title>",
        "/loop-a": redirect("/loop-b"),
        "/loop-b": redirect("/loop-a"),
        "/self": redirect("/self"),
        "/spelling?utm_source=x": redirect("/spelling"),
        "/spelling": "<title>Spelling</title>",
        "/away": redirect("http://nowhere.invalid/"),
        "/bad": redirect("ftp://nowhere.invalid/")
      })
      const { account, paths } = yield* crawl(site)
      assert.deepStrictEqual(paths, ["/", "/new", "/spelling"])
      assert.deepStrictEqual(account.skippedBy, { redirected: 4, "other host": 1 })
      assert.deepStrictEqual(account.failedBy, { "redirect loop": 2, "redirect to no web page": 1 })
      assert.strictEqual(new Set(site.log).size, site.log.length)
    }).pipe(local)
  )

  it.live("CRL3: a chain of redirects ends at its bound", () =>
    Effect.gen(function* () {
      const chain = Array.from({ length: 6 }, (_, index) => [
        `/${index}`,
        redirect(`/${index + 1}`)
      ])
      const site = yield* serve({ ...Object.fromEntries(chain), "/6": "<title>end</title>" })
      const far = yield* crawl(site, { start: "/0", redirectsMax: 6 })
      assert.deepStrictEqual(far.paths, ["/6"])
      const near = yield* crawl(site, { start: "/0", redirectsMax: 5 })
      assert.deepStrictEqual(near.account.skippedBy, { redirected: 5 })
      assert.deepStrictEqual(near.account.failedBy, { "too many redirects": 1 })
    }).pipe(local)
  )

  it.live("CRL4: pages that fail are reported and do not stop the crawl", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": links("missing", "broken", "reset", "damaged", "large", "fine"),
        "/broken": status(500, "<title>no row</title>"),
        "/reset": (response) => void response.socket!.resetAndDestroy(),
        "/damaged": status(200, "no gzip", { "content-encoding": "gzip" }),
        "/large": status(200, "", { "content-length": "99999999999" }),
        "/fine": "<title>Fine</title>"
      })
      const { account, failures, paths } = yield* crawl(site)
      assert.deepStrictEqual(paths, ["/", "/fine"])
      assert.deepStrictEqual(account.failedBy, {
        "status 404": 1,
        "status 500": 1,
        "connection reset": 1,
        "damaged body": 1,
        "body too large": 1
      })
      assert.strictEqual(failures.length, 5)
    }).pipe(local)
  )

  it.live.each([
    [200, "User-agent: *\nDisallow: /private", { robots: 1 }, ["/", "/open"]],
    [200, "User-agent: fibra\nDisallow: /", { robots: 1 }, []],
    [404, "User-agent: *\nDisallow: /", {}, ["/", "/open", "/private"]],
    [403, "User-agent: *\nDisallow: /", {}, ["/", "/open", "/private"]],
    [429, "", { "robots unavailable": 1 }, []],
    [503, "", { "robots unavailable": 1 }, []]
  ] as const)("CRL5: robots.txt with %d and %j", ([code, body, skippedBy, expected]) =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/robots.txt": redirect("/rules-1"),
        "/rules-1": redirect("/rules-2", 301),
        "/rules-2": status(code, body),
        "/": links("open", "private"),
        "/open": "",
        "/private": ""
      })
      const { account, paths } = yield* crawl(site)
      assert.deepStrictEqual(paths, [...expected])
      assert.deepStrictEqual(account.skippedBy, skippedBy)
      assert.strictEqual(site.log.includes("/private"), expected.length === 3)
    }).pipe(local)
  )

  it.live.each([
    [200, "Sitemap: /map\nUser-agent: *\nCrawl-delay: 60\nDisallow: /", ["/", "/a", "/listed"]],
    [503, "", ["/", "/a"]]
  ] as const)(
    "CRL26: a robots.txt with %d and %j is ignored, until a next life obeys",
    ([code, body, expected]) =>
      Effect.gen(function* () {
        const site = yield* serve({
          "/robots.txt": status(code, body),
          "/map": (response, origin) =>
            void response.writeHead(200, { "content-type": "text/plain" }).end(`${origin}/listed`),
          "/": links("a"),
          "/a": "",
          "/listed": ""
        })
        const job = yield* Job.inMemory
        const { paths } = yield* crawl(site, { job, robots: "ignore", sitemaps: true })
        assert.deepStrictEqual(paths, [...expected])
        const found = yield* Decisions.robotsOf(job, site.origin)
        assert.isTrue(found?.isIgnored)
        const next = yield* Crawl.make({ job, seeds: [seed(`${site.origin}/b`)], delay: 0 })
        yield* next.run()
        assert.strictEqual((yield* next.snapshot).skippedBy["robots"], 1)
      }).pipe(local)
  )

  it.live("CRL5: too many redirects of robots.txt count as no rules", () =>
    Effect.gen(function* () {
      const site = yield* serve({ "/robots.txt": redirect("/robots.txt?again"), "/": "" })
      const looping = yield* serve({ "/robots.txt": redirect("/robots.txt"), "/": "" })
      assert.deepStrictEqual((yield* crawl(site)).paths, ["/"])
      assert.deepStrictEqual((yield* crawl(looping)).paths, ["/"])
      assert.strictEqual(looping.log.length, 7)
    }).pipe(local)
  )

  it.live("CRL7: interruption leaves rows and counts in agreement", () =>
    Effect.gen(function* () {
      const entered = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const site = yield* serve({
        "/": links("fast", "never", "other"),
        "/fast": "<title>Fast</title>",
        "/never": (response) => {
          response.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
          Deferred.doneUnsafe(entered, Effect.void)
        }
      })
      const running = yield* Crawl.make({ seeds: [seed(site.origin)], delay: 0, perHost: 1 })
      let rows = 0
      const fiber = yield* Effect.forkChild(
        running.run((event) => Effect.sync(() => void (rows += event._tag === "Row" ? 1 : 0)))
      )
      yield* Deferred.await(entered)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(closed)
      const { active, discovered, done, left } = yield* running.snapshot
      assert.deepStrictEqual([rows, done, left, discovered, active], [2, 2, 2, 4, 0])
    }).pipe(local)
  )

  it.live("CRL7: an interrupt waits for a row that is being written", () =>
    Effect.gen(function* () {
      const [entered, release] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const site = yield* serve({ "/": links("a"), "/a": "" })
      const running = yield* Crawl.make({ seeds: [seed(site.origin)], delay: 0 })
      let rows = 0
      const fiber = yield* Effect.forkChild(
        running.run(() =>
          Effect.sync(() => Deferred.doneUnsafe(entered, Effect.void)).pipe(
            Effect.andThen(Deferred.await(release)),
            Effect.andThen(Effect.sync(() => (rows += 1)))
          )
        )
      )
      yield* Deferred.await(entered)
      const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber), {
        startImmediately: true
      })
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(interruption)
      const { done, left } = yield* running.snapshot
      assert.deepStrictEqual([rows, done, left], [1, 1, 1])
    }).pipe(local)
  )

  it.live("CRL8: the bound on pages stops the crawl", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": links("1", "2", "3", "4", "missing"),
        ...Object.fromEntries([1, 2, 3, 4].map((n) => [`/${n}`, links("5")]))
      })
      const { account, rows } = yield* crawl(site, { pagesMax: 3, perHost: 16 })
      assert.strictEqual(rows.length, 3)
      assert.isAbove(account.left, 0)
      const { paths } = yield* crawl(site, { depthMax: 0 })
      assert.deepStrictEqual(paths, ["/"])
    }).pipe(local)
  )

  it.live("CRL9: a host that does not answer fails its pages once, after its retries", () =>
    Effect.gen(function* () {
      let asked = 0
      const site = yield* serve({
        "/robots.txt": (response) => {
          asked += 1
          response.socket!.resetAndDestroy()
        }
      })
      const seeds = ["/1", "/2", "/3"].map((path) => seed(site.origin + path))
      const { account, failures } = yield* crawl(site, { seeds })
      assert.deepStrictEqual(account.failedBy, { "connection reset": 3 })
      assert.deepStrictEqual([asked, failures.length, account.responses], [4, 1, 0])
    }).pipe(local)
  )

  it.live("CRL10: a consumer that fails ends the crawl with its failure", () =>
    Effect.gen(function* () {
      const site = yield* serve({ "/": links("a", "b"), "/a": "", "/b": "" })
      const running = yield* Crawl.make({ seeds: [seed(site.origin)], delay: 0 })
      const exit = yield* Effect.exit(running.run(() => Effect.fail("the disk is full")))
      assert.deepStrictEqual(exit, Exit.fail("the disk is full"))
      const { discovered, done, left } = yield* running.snapshot
      assert.deepStrictEqual([discovered, done, left], [1, 0, 1])
    }).pipe(local)
  )

  it.live.each([1, 3, 4])(
    "CRL17: a job that takes no more ends the crawl with its failure (%d)",
    (after) =>
      Effect.gen(function* () {
        const site = yield* serve({ "/": links("a", "b", "c"), "/a": "", "/b": "", "/c": "" })
        const job = yield* Job.inMemory
        let commits = 0
        const transaction = <A>(change: () => A): A => {
          const isFull = commits++ >= after
          return job.store.transaction(() => {
            const result = change()
            if (isFull) throw new Error("database or disk is full")
            return result
          })
        }
        const running = yield* Crawl.make({
          seeds: [seed(site.origin)],
          job: { ...job, store: { ...job.store, transaction } },
          delay: 0
        })
        const error = yield* Effect.flip(running.run())
        assert.strictEqual(error.message, "the job in memory: database or disk is full")
        const { discovered, done, failed, left, skipped } = yield* running.snapshot
        assert.strictEqual(discovered, done + failed + skipped + left)
        assert.isAbove(left, 0)
        assert.strictEqual((yield* Decisions.recount(job)).done, done)
      }).pipe(local)
  )

  it.live(
    "CRL41: the account is held against the URLs, and what was changed by hand is found",
    () =>
      Effect.gen(function* () {
        const site = yield* serve({ "/": links("a", "b", "gone", "c", "d"), "/a": "", "/b": "" })
        const job = yield* Job.inMemory
        // Two of the URLs are counted and not kept, and one page is left.
        const { account } = yield* crawl(site, { job, urlsMax: 4, pagesMax: 2, perHost: 1 })
        assert.deepStrictEqual(account.skippedBy, { "frontier full": 2 })
        const sums = JSON.parse(job.store.value("account")!)
        job.store.setValue("account", JSON.stringify({ ...sums, done: sums.done + 1 }))
        assert.deepStrictEqual(yield* Decisions.reconcile(job), [
          { sum: "done", account: 3, found: 2 },
          { sum: "left", account: 1, found: 2 }
        ])
      }).pipe(local)
  )

  it.live("CRL11: nofollow gives a row and no links", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": links("meta", "header"),
        "/meta": `<meta name=robots content=nofollow>${links("hidden")}`,
        "/header": status(200, links("hidden"), {
          "content-type": "text/html",
          "x-robots-tag": "none"
        })
      })
      const { account, paths } = yield* crawl(site)
      assert.deepStrictEqual(paths, ["/", "/header", "/meta"])
      assert.strictEqual(account.discovered, 3)
      const owner = yield* crawl(site, { robots: "ignore" })
      assert.deepStrictEqual(owner.account.failedBy, { "status 404": 1 })
    }).pipe(local)
  )

  it.live("CRL32: links with rel=nofollow are left alone, unless another one leads there", () =>
    Effect.gen(function* () {
      const nofollow = (path: string) => `<a rel="noopener NoFollow" href="${path}">x</a>`
      const site = yield* serve({
        "/": nofollow("/late") + nofollow("/never") + nofollow("/both") + links("both", "next"),
        "/both": "",
        "/next": nofollow("/never") + links("late"),
        "/late": "",
        "/never": ""
      })
      const job = yield* Job.inMemory
      const { account, paths } = yield* crawl(site, { job })
      assert.deepStrictEqual(paths, ["/", "/both", "/late", "/next"])
      assert.deepStrictEqual(account.skippedBy, { nofollow: 1 })
      const decision = yield* Decisions.explain(job, `${site.origin}/never`)
      assert.deepStrictEqual([decision?.state, decision?.reason], ["skipped", "nofollow"])
      assert.strictEqual(decision?.detail, "only links with rel=nofollow lead to it")
      const late = yield* Decisions.explain(job, `${site.origin}/late`)
      assert.deepStrictEqual([late?.state, late?.detail], ["done", undefined])
      const all = yield* crawl(site, { nofollow: "ignore" })
      assert.deepStrictEqual(all.paths, ["/", "/both", "/late", "/never", "/next"])
    }).pipe(local)
  )

  it.live("CRL38: of a page that is cut there are a row that says so, and links up to there", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": `<title>Long</title>${links("early")}${"x".repeat(2000)}${links("late")}`,
        "/early": "<title>Early</title>"
      })
      const { account, rows } = yield* crawl(site)
      const long = { url: `${site.origin}/`, status: 200, depth: 0, truncated: true, title: "Long" }
      const early = { url: `${site.origin}/early`, status: 200, depth: 1, title: "Early" }
      assert.deepStrictEqual(rows, [long, early])
      assert.strictEqual(account.discovered, 2)
      const typed = yield* crawl(site, { schema: Schema.Struct({ title: Schema.String }) })
      assert.deepStrictEqual(typed.rows, [long, early])
    }).pipe(
      Effect.provide(
        Fetcher.layerNode({ allowPrivate: true, bodyBytesMax: 1000, keepTruncated: true })
      )
    )
  )

  it.live("CRL12: binary content gives no row, and untyped text is a page", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": links("picture", "untyped", "plain"),
        "/picture": status(200, "<a href=no>", { "content-type": "image/png" }),
        "/untyped": status(200, ` <title>Untyped</title>${links("found")}`),
        "/plain": status(200, links("not-a-link"), { "content-type": "text/plain" }),
        "/found": ""
      })
      const { account, paths } = yield* crawl(site)
      assert.deepStrictEqual(paths, ["/", "/found", "/plain", "/untyped"])
      assert.deepStrictEqual(account.skippedBy, { "not a page": 1 })
    }).pipe(local)
  )

  it.live("CRL36: of the links those are followed that stand where they were asked for", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/": `<base href=/in/><nav>${links("a")}</nav><i>${links("b", "c")}</i>`,
        "/in/a": `<title>A</title>${links("/in/b")}`,
        "/in/b": ""
      })
      const follow = [Result.getOrThrow(LinkFilter.parse("nav"))]
      const { account, rows } = yield* crawl(site, { follow })
      assert.deepStrictEqual(
        rows.map(({ title }) => title),
        [null, "A"]
      )
      assert.strictEqual(account.discovered, 2)
    }).pipe(local)
  )

  it.live("CRL37: binary content of a type that is accepted gives a row without links", () =>
    Effect.gen(function* () {
      const image = (type: string) =>
        status(200, "\u0000<a href=no><h1>no</h1>", { "content-type": type })
      const site = yield* serve({
        "/": links("png", "gif", "pdf"),
        "/png": image("image/png"),
        "/gif": image("Image/GIF; x=y"),
        "/pdf": image("application/pdf")
      })
      const { account, rows } = yield* crawl(site, {
        accept: ["image/*", "application/zip"],
        selectors: [
          { name: "heading", css: "h1", attribute: undefined, all: false },
          { name: "marks", css: "i", attribute: undefined, all: true }
        ]
      })
      const row = { status: 200, title: null, heading: null, marks: [] }
      assert.deepStrictEqual(
        rows.toSorted((a, b) => a.url.length - b.url.length || (a.url < b.url ? -1 : 1)),
        [
          { ...row, url: `${site.origin}/`, depth: 0 },
          { ...row, url: `${site.origin}/gif`, depth: 1 },
          { ...row, url: `${site.origin}/png`, depth: 1 }
        ]
      )
      assert.deepStrictEqual(account.skippedBy, { "not a page": 1 })
    }).pipe(local)
  )

  it.live("CRL13: a start URL that redirects to another host takes the crawl there", () =>
    Effect.gen(function* () {
      const there = yield* serve({ "/": links("a"), "/a": "" })
      const here = yield* serve({ "/": redirect(`${there.origin}/`) })
      const { paths } = yield* crawl(here)
      assert.deepStrictEqual(paths, [`${there.origin}/`, `${there.origin}/a`])
    }).pipe(local)
  )

  it.live("CRL14: a bound below 1 is a defect that names it", () =>
    Effect.gen(function* () {
      for (const option of ["concurrency", "perHost", "pagesMax", "urlsMax"] as const) {
        for (const value of [0, Number.NaN]) {
          const exit = yield* Effect.exit(Crawl.make({ seeds: [], [option]: value }))
          assert.deepStrictEqual(exit, Exit.die(new Crawl.CrawlBoundInvalid({ option, value })))
        }
      }
    })
  )

  it.live("CRL15: Crawl-delay is kept between the starts of requests, up to its bound", () =>
    Effect.gen(function* () {
      const starts: Array<number> = []
      const stamp = (body: string) => (response: import("node:http").ServerResponse) => {
        starts.push(performance.now())
        response.writeHead(200, { "content-type": "text/html" }).end(body)
      }
      const site = yield* serve({
        "/robots.txt": status(200, "User-agent: *\nCrawl-delay: 3600"),
        "/": stamp(links("a", "b")),
        "/a": stamp(""),
        "/b": stamp("")
      })
      const { paths } = yield* crawl(site, { crawlDelayMax: "60 millis", perHost: 3 })
      assert.deepStrictEqual(paths, ["/", "/a", "/b"])
      const gaps = starts.slice(1).map((start, index) => start - starts[index]!)
      // A start is seen here a little after it was made, so a gap may look a little shorter.
      for (const gap of gaps) assert.isAbove(gap, 40)
    }).pipe(local)
  )
})
