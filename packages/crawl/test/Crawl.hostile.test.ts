import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import * as Job from "../src/Job.ts"
import { paths, serveBadHosts } from "./support/hostileHosts.ts"
import { links, serve } from "./support/site.ts"

/** A megabyte in pieces of one byte costs seconds: it is in the long form. */
const quickPaths = paths.filter((path) => path !== "/gigabyte-of-one-byte-chunks")

/** Limits that only what never ends can reach, on a busy machine too. */
const local = Effect.provide(
  Fetcher.layerNode({
    allowPrivate: true,
    bodyBytesMax: 4_100_000,
    headersTimeout: "1 second",
    idleTimeout: "1 second",
    timeout: "2 seconds"
  })
)

describe("Crawl among hostile hosts", () => {
  it.live("CRL40: the good ones are crawled, and what each bad one did is on record", () =>
    Effect.gen(function* () {
      const pages = Array.from({ length: 20 }, (_, index) => `/${index}`)
      const site = {
        "/": links(...pages),
        ...Object.fromEntries(pages.map((path) => [path, path]))
      }
      const good = yield* Effect.replicateEffect(serve(site), 3)
      const bad = yield* serveBadHosts(quickPaths)
      const job = yield* Job.inMemory
      const seeds = [...bad.map(({ url }) => url), ...good.map(({ origin }) => origin)]
      const crawl = yield* Crawl.make({
        seeds: seeds.map((url) => Result.getOrThrow(fromLink(url))),
        job,
        delay: 0,
        retriesMax: 0
      })
      const rows: Array<string> = []
      yield* crawl.run((event) =>
        Effect.sync(() => void (event._tag === "Row" && rows.push(event.row.url)))
      )
      const { discovered, done, failed, left, skipped } = yield* crawl.snapshot
      assert.deepStrictEqual([left, discovered], [0, done + failed + skipped])
      for (const { origin } of good) {
        assert.strictEqual(rows.filter((url) => url.startsWith(origin)).length, 21)
      }
      for (const { does, end, url } of bad) {
        const { reason, state } = (yield* Decisions.explain(job, url))!
        assert.deepStrictEqual([does, state, reason], [does, ...end])
      }
      assert.strictEqual(new Set(rows).size, done)
    }).pipe(local)
  )
})
