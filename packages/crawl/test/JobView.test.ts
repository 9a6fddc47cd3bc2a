import { NodeServices } from "@effect/platform-node"
import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Result, Scope } from "effect"
import { DatabaseSync } from "node:sqlite"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Job from "../src/Job.ts"
import * as JobView from "../src/JobView.ts"
import * as Traps from "../src/Traps.ts"
import { links, serve, status } from "./support/site.ts"

const services = Effect.provide(NodeServices.layer)
const local = Effect.provide(Fetcher.layerNode({ allowPrivate: true }))

const newDirectory = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return `${yield* fs.makeTempDirectoryScoped()}/job`
})

const crawlInto = Effect.fnUntraced(function* (job: Job.Job, start: string, pagesMax = Infinity) {
  const seeds = [Result.getOrThrow(fromLink(start))]
  const crawl = yield* Crawl.make({ seeds, job, delay: 0, retriesMax: 0, pagesMax })
  yield* crawl.run()
}, local)

const site = serve({
  "/robots.txt": "User-agent: *\nDisallow: /p",
  "/": links("/a", "/p", "/gone", "http://other.example/", "/late"),
  "/a": "<title>A</title>",
  "/late": "<title>Late</title>",
  "/gone": status(410)
})

describe("JobView", () => {
  it.live("VIW1: a view tells what has become of each URL, and why", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      const { origin } = yield* site
      const job = yield* Job.open(directory)
      yield* Job.remember(job, "output", "-")
      yield* crawlInto(job, `${origin}/`)
      const view = yield* JobView.open(directory)
      const { counts } = view
      assert.deepStrictEqual(
        [counts.discovered, counts.done, counts.failed, counts.skipped, counts.left],
        [6, 3, 1, 2, 0]
      )
      assert.deepStrictEqual(yield* view.reconcile, [])
      assert.strictEqual(yield* view.recall("output"), "-")
      assert.isUndefined(view.lengths)
      const { lastId, pages } = yield* view.pages(0, 100)
      const found = pages.map(({ depth, foundOn, isSitemap, reason, state, status, url }) => {
        assert.isFalse(isSitemap)
        return [url.replace(origin, ""), state, reason, status, depth, foundOn?.replace(origin, "")]
      })
      assert.deepStrictEqual(found, [
        ["/", "done", null, 200, 0, undefined],
        ["/a", "done", null, 200, 1, "/"],
        ["/p", "skipped", "robots", null, 1, "/"],
        ["/gone", "failed", "status 410", 410, 1, "/"],
        ["http://other.example/", "skipped", "other host", null, 1, "/"],
        ["/late", "done", null, 200, 1, "/"]
      ])
      assert.deepStrictEqual((yield* view.pages(lastId, 100)).pages, [])
      const second = yield* view.pages((yield* view.pages(0, 1)).lastId, 1)
      assert.strictEqual(second.pages[0]?.url, `${origin}/a`)

      const now = Date.now()
      const work = yield* view.work(now - 60_000, now)
      const [host] = work.hosts
      assert.deepStrictEqual(host, {
        origin,
        delayMillis: 0,
        why: "as fast as it answers",
        left: 0,
        done: 3,
        failed: 1
      })
      assert.strictEqual(work.endedSince, 4)
      assert.isAtMost(work.firstAtMillis!, work.lastAtMillis!)
      assert.strictEqual((yield* view.work(now + 60_000, now)).endedSince, 0)
    }).pipe(services)
  )

  it.live(
    "VIW1, VIW2: what is committed while a view is open does not change it, and is there for the next",
    () =>
      Effect.gen(function* () {
        const directory = yield* newDirectory
        const { origin } = yield* site
        const job = yield* Job.open(directory)
        yield* crawlInto(job, `${origin}/`, 1)
        const view = yield* JobView.open(directory)
        yield* crawlInto(job, `${origin}/`)
        const before = (yield* view.pages(0, 100)).pages
        assert.strictEqual(
          before.filter(({ state }) => state === "queued").length,
          view.counts.left
        )
        assert.isAbove(view.counts.left, 0)
        assert.strictEqual((yield* JobView.open(directory)).counts.left, 0)
      }).pipe(services)
  )

  it.live("VIW4: a job that is still is read without a file beside it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = `${yield* newDirectory} 100%?#`
      const { origin } = yield* site
      yield* Effect.scoped(
        Effect.flatMap(Job.open(directory), (job) => crawlInto(job, `${origin}/`))
      )
      const view = yield* JobView.open(directory, { isStill: true })
      assert.strictEqual(view.counts.discovered, 6)
      assert.sameMembers(yield* fs.readDirectory(directory), [Job.fileName, "README.txt"])
    }).pipe(services)
  )

  it.live("VIW3: what is no job is refused with the reason", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* newDirectory
      const reason = Effect.map(Effect.flip(JobView.open(directory)), ({ reason }) => reason)
      assert.strictEqual(yield* reason, "there is none, or it cannot be read")
      const scope = yield* Scope.make()
      yield* Scope.provide(Job.open(directory), scope)
      yield* Scope.close(scope, Exit.void)
      const path = `${directory}/${Job.fileName}`
      const database = new DatabaseSync(path)
      database.exec("PRAGMA user_version = 99")
      database.close()
      assert.match(yield* reason, /^it is of version 99, and this program of \d+$/)
      yield* fs.remove(path)
      yield* fs.writeFileString(
        path,
        "not a database, although it is where one would be".repeat(30)
      )
      assert.strictEqual(yield* reason, "file is not a database")
      yield* fs.remove(path)
      new DatabaseSync(path).close()
      assert.strictEqual(yield* reason, "its crawl has not begun")
    }).pipe(services)
  )

  it.live("VIW5: a view tells what the crawl was kept out of, with the rule and the number", () =>
    Effect.gen(function* () {
      const directory = yield* newDirectory
      const { store } = yield* Job.open(directory)
      const traps = Traps.make({ patternUrlsStop: 1 })
      for (const path of ["/1", "/2", "/3", "/x"]) traps.admit(new URL(path, "http://a.example"))
      store.saveTraps(traps.takeChanges())
      const view = yield* JobView.open(directory)
      assert.deepStrictEqual(yield* view.traps, [
        { host: "a.example", rule: "pattern budget", what: "/N", refused: 2 }
      ])
    }).pipe(services)
  )
})
