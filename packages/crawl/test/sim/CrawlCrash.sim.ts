import { assert, describe, it } from "@effect/vitest"
import { AtomicFile, ByteLog, FileSink, Format } from "@fibra/files"
import { Fetcher } from "@fibra/http"
import { SimFileSystem } from "@fibra/testing"
import { Effect, FileSystem, Layer, Logger, Path, Result, Schema } from "effect"
import { DatabaseSync } from "node:sqlite"
import { fromLink } from "../../src/CanonicalUrl.ts"
import * as Crawl from "../../src/Crawl.ts"
import type * as Frontier from "../../src/Frontier.ts"
import * as Reconcile from "../../src/internal/reconcile.ts"
import { create } from "../../src/internal/schema.ts"
import * as Store from "../../src/internal/store.ts"
import { fetchedOf } from "../support/memorySite.ts"
import { links } from "../support/site.ts"

const isLong = process.env["FIBRA_SOAK"] === "1"
const origin = "http://shop.example"
const [databasePath, rowsPath] = ["/tmp/job.sqlite", "/tmp/rows.jsonl"]
const [rejectsPath, archivePath] = ["/tmp/rejects.jsonl", "/tmp/archive"]

const range = (length: number) => Array.from({ length }, (_, index) => `/${index}`)
const pages: Record<string, { status?: number; location?: string; body?: string }> = {
  "/robots.txt": { body: "User-agent: *\nDisallow: /secret" },
  "/": { body: links(...range(6), "/old", "/gone", "/secret", "/busy") },
  ...Object.fromEntries(
    range(9).map((path, index) => [
      path,
      { body: `<title>${path}</title>${links("/", `/${index + 3}`, "/busy")}` }
    ])
  ),
  "/old": { status: 301, location: "/8" },
  // Asked for a second time it fails for good, so that each life has something to try again.
  "/busy": { status: 503 }
}
// The schema takes pages with titles that end with an even number.
const schema = Schema.Struct({ title: Schema.String.check(Schema.isPattern(/^\/[02468]$/)) })
const isEven = (path: string) => Number(path.slice(1)) % 2 === 0
const urlsOf = (paths: ReadonlyArray<string>) => paths.map((path) => origin + path).toSorted()
const truth = urlsOf(range(9).filter(isEven))
const rejected = urlsOf(["/", ...range(9).filter((path) => !isEven(path))])

/** The answers that pages end with. */
const answers = [
  ...["/", ...range(9)].map((path) => `200 ${origin}${path}`),
  ...["/9", "/10", "/11", "/gone"].map((path) => `404 ${origin}${path}`),
  `301 ${origin}/old`,
  `503 ${origin}/busy`
].toSorted()

/** The site without a network: what is swept here are the operations of the disk. */
const site = Layer.succeed(Fetcher.Fetcher, {
  fetch: (url) => {
    const { body, location, status } = pages[url.pathname] ?? { status: 404 }
    const headers: Record<string, string> = location === undefined ? {} : { location }
    return Effect.succeed(fetchedOf(url, { body, headers, status }))
  }
})

/** The job's database in memory, of which each commit is one file that is there whole or not at all. */
const openStore = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const database = new DatabaseSync(":memory:")
  if (yield* fs.exists(databasePath)) database.deserialize(yield* fs.readFile(databasePath))
  else create(database)
  const save = Effect.suspend(() => AtomicFile.write(databasePath, database.serialize()))
  return { store: Store.make(database), save }
})

const opener =
  (path: string, persist: Effect.Effect<void, AtomicFile.WriteFailed>) =>
  ({ load, save }: FileSink.CommitHook<Frontier.Settlement>) =>
    FileSink.make({
      path,
      format: Format.jsonl,
      batchRowsMax: 3,
      batchEvery: 0,
      commit: {
        load,
        save: (commit: FileSink.Commit<Frontier.Settlement>) =>
          Effect.andThen(save(commit), persist)
      }
    })

/** One life of the crawl, to its end. */
const crawl = Effect.gen(function* () {
  const { save, store } = yield* openStore
  const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const persist = Effect.provide(save, services)
  const crawl = yield* Crawl.make({
    seeds: [Result.getOrThrow(fromLink(`${origin}/`))],
    job: { directory: undefined, store, wasKilled: true },
    schema,
    output: opener(rowsPath, persist),
    rejects: opener(rejectsPath, persist),
    keepAnswer: ({ fetched: { status }, key }) =>
      Effect.succeed(new TextEncoder().encode(`${status} ${key}|`)),
    archive: (committed) => ByteLog.open(archivePath, committed),
    concurrency: 3,
    perHost: 3,
    delay: 0,
    retryDelay: 0,
    retriesMax: 1
  })
  yield* crawl.run()
  const differences = Reconcile.reconcile(store)
  return { ...(yield* crawl.snapshot), differences }
}).pipe(Effect.scoped, Effect.provide([site, Path.layer, Logger.layer([])]), Effect.orDie)

const recover = Effect.gen(function* () {
  const account = yield* crawl
  const fs = yield* FileSystem.FileSystem
  const urlsIn = (path: string) =>
    Effect.map(Effect.orDie(fs.readFileString(path)), (text) => {
      assert.isTrue(text.endsWith("\n"))
      const lines = text.slice(0, -1).split("\n")
      return lines.map((line): string => JSON.parse(line).url).toSorted()
    })
  const archive = yield* Effect.orDie(fs.readFileString(archivePath))
  return { account, archive, urls: yield* urlsIn(rowsPath), rejects: yield* urlsIn(rejectsPath) }
})

describe("A crawl, crashed after each operation of the disk", () => {
  it.effect(
    "CRL16, CRL27: after a crash at any operation the next life ends with each row, reject and answer once",
    () =>
      Effect.gen(function* () {
        const swept = yield* SimFileSystem.crashEverywhere(
          () => crawl,
          recover,
          ({ recovered: { account, archive, rejects, urls } }) =>
            Effect.sync(() => {
              assert.deepStrictEqual(archive.split("|").toSorted(), ["", ...answers])
              assert.deepStrictEqual([urls, rejects], [truth, rejected])
              const { discovered, done, failed, left, rows, skipped } = account
              assert.deepStrictEqual([done, failed, skipped, left], [10, 5, 2, 0])
              assert.deepStrictEqual([rows, account.rejected], [5, 5])
              assert.strictEqual(discovered, done + failed + skipped + left)
              assert.deepStrictEqual(account.differences, [])
            }),
          isLong ? { recoveryCrashes: 2 } : { pointsMax: 40, seedsPerPoint: 1 }
        )
        assert.isAbove(swept.operations, 60)
      }),
    isLong ? 900_000 : 30_000
  )
})
