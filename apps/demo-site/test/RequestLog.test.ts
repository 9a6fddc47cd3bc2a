import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import * as RequestLog from "../src/RequestLog.ts"
import * as Site from "../src/Site.ts"

const temporaryFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "demo-site-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true }))
)

const request = (site: Site.Site, path: string, init: RequestInit = {}) =>
  Effect.promise((signal) =>
    fetch(new URL(path, site.url), { redirect: "manual", signal, ...init }).then((answer) =>
      answer.text()
    )
  )

const until = (site: Site.Site, done: (stats: RequestLog.Stats) => boolean): Effect.Effect<void> =>
  Effect.flatMap(site.log.stats, (stats) =>
    done(stats) ? Effect.void : Effect.andThen(Effect.sleep(2), until(site, done))
  )

/** Records 3,000 requests, more than the queue to the file holds. */
const recordMany = Effect.fnUntraced(function* (log: RequestLog.RequestLog) {
  for (let index = 0; index < 3000; index++) {
    const request = HttpServerRequest.fromWeb(new Request(`http://127.0.0.1/${index}`))
    yield* log
      .record(Effect.succeed(HttpServerResponse.empty()))
      .pipe(Effect.provideService(HttpServerRequest.HttpServerRequest, request))
  }
})

const serve = Site.serve({ port: 0, books: 40, seed: 1 })

describe("RequestLog", () => {
  it.live("an entry tells who asked for what and how it was answered", () =>
    Effect.gen(function* () {
      const site = yield* serve
      yield* request(site, "/old/1?utm_source=a", { headers: { "user-agent": "spec/1" } })
      const [entry, ...others] = yield* site.log.entries
      assert.deepStrictEqual(others, [])
      const { at, durationMillis, ...told } = entry!
      assert.deepStrictEqual(told, {
        method: "GET",
        path: "/old/1?utm_source=a",
        status: 302,
        userAgent: "spec/1",
        active: 1
      })
      assert.strictEqual(new Date(at).toISOString(), at)
      assert.isAbove(durationMillis, 0)
    }).pipe(Effect.scoped)
  )

  it.live("a path is repeated when it is asked for in another form, or after a 404", () =>
    Effect.gen(function* () {
      const site = yield* serve
      const paths = ["/about.html", "/about.html?utm_source=a", "/%61bout.html", "/no", "/no"]
      yield* Effect.forEach(paths, (path) => request(site, path))
      const { repeated } = yield* site.log.stats
      assert.deepStrictEqual(repeated, { "/about.html": 2, "/no": 1 })
    }).pipe(Effect.scoped)
  )

  it.live("asking again after a 500 is a retry, not a repetition", () =>
    Effect.gen(function* () {
      const site = yield* serve
      yield* request(site, "/reports/bestsellers.html")
      yield* request(site, "/reports/bestsellers.html")
      const stats = yield* site.log.stats
      assert.deepStrictEqual([stats.requests, stats.repeated], [2, {}])
    }).pipe(Effect.scoped)
  )

  it.live("what robots.txt forbids to the agent is counted, escaped or not", () =>
    Effect.gen(function* () {
      const site = yield* serve
      const restricted = site.truth.disallowed.find((path) => path.startsWith("/books/"))!
      yield* request(site, restricted.replaceAll("-", "%2d"))
      yield* request(site, "/admin/")
      yield* request(site, "/", { headers: { "user-agent": "GreedyBot/1" } })
      yield* request(site, "/private/press/")
      yield* request(site, "/robots.txt", { headers: { "user-agent": "GreedyBot/1" } })
      assert.strictEqual((yield* site.log.stats).disallowedHits, 3)
    }).pipe(Effect.scoped)
  )

  it.live("a client that leaves before the answer is logged with 499", () =>
    Effect.gen(function* () {
      const site = yield* Site.serve({ port: 0, books: 40, seed: 1, latency: "1 hour" })
      const client = yield* Effect.forkChild(request(site, "/"), { startImmediately: true })
      yield* until(site, (stats) => stats.activeMax === 1)
      yield* Fiber.interrupt(client)
      yield* until(site, (stats) => stats.requests === 1)
      const [entry] = yield* site.log.entries
      assert.strictEqual(entry!.status, 499)
    }).pipe(Effect.scoped)
  )

  it.live("the file holds every entry once the scope is closed, after what it held before", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const logPath = join(folder, "log.ndjson")
      const run = Effect.gen(function* () {
        const log = yield* RequestLog.make(logPath)
        // Nothing here waits for the disk, so the last entries are written by closing the scope.
        for (let index = 0; index < 3000; index++) {
          yield* log
            .record(Effect.succeed(HttpServerResponse.empty()))
            .pipe(
              Effect.provideService(
                HttpServerRequest.HttpServerRequest,
                HttpServerRequest.fromWeb(new Request(`http://127.0.0.1/${index}`))
              )
            )
        }
        return yield* log.entries
      }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
      const entries = [...(yield* run), ...(yield* run)]
      const text = yield* Effect.promise(() => readFile(logPath, "utf8"))
      const lines = text.trimEnd().split("\n")
      assert.strictEqual(lines.length, 6000)
      assert.deepStrictEqual(
        lines.map((line) => JSON.parse(line) as unknown),
        entries
      )
    }).pipe(Effect.scoped)
  )

  it.live.skipIf(process.platform !== "linux")(
    "a full disk fails the log, and no request hangs on it",
    () =>
      Effect.gen(function* () {
        const log = yield* RequestLog.make("/dev/full")
        yield* recordMany(log)
        const error = yield* Effect.flip(log.awaitFailure)
        assert.include(error.message, "ENOSPC")
        assert.strictEqual((yield* log.stats).requests, 3000)
      }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.live("a log file that cannot be opened is a typed failure with a hint", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const logPath = join(folder, "missing", "log.ndjson")
      const error = yield* Effect.flip(Site.serve({ port: 0, books: 40, seed: 1, logPath }))
      assert.strictEqual(error._tag, "LogFileError")
      assert.include(error.message, "--log")
    }).pipe(Effect.scoped)
  )
})
