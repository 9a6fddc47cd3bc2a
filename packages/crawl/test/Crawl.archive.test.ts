import * as NodeServices from "@effect/platform-node/NodeServices"
import { FileSink, Format } from "@fibra/files"
import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Layer, Result } from "effect"
import * as Headers from "effect/http/Headers"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import type * as Frontier from "../src/Frontier.ts"
import { links } from "./support/site.ts"

const origin = "http://shop.example"
const paths = Array.from({ length: 9 }, (_, index) => `/${index}`)

/** A home page with nine others, without a network. */
const shop = Layer.succeed(Fetcher.Fetcher, {
  fetch: ({ pathname, href }) => {
    const body = new TextEncoder().encode(pathname === "/" ? links(...paths) : "<p>x")
    const headers = Headers.fromInput({ "content-type": "text/html" })
    const status = pathname === "/robots.txt" ? 404 : 200
    const answer = { status, headers, setCookies: [], body, bytesSent: 1, truncated: false }
    return Effect.succeed({ url: href, ...answer })
  }
})

const sizeMax = 16 * 1024 * 1024

/** Crawls with answers of more than half of what may wait; `write` is what the archive does with them. */
const crawl = Effect.fnUntraced(function* (
  write: (bytes: Uint8Array) => Effect.Effect<void, FileSink.SinkFailed>
) {
  const fs = yield* FileSystem.FileSystem
  const path = `${yield* fs.makeTempDirectoryScoped()}/rows`
  const record = new Uint8Array(sizeMax / 2 + 1)
  const crawl = yield* Crawl.make({
    seeds: [Result.getOrThrow(fromLink(`${origin}/`))],
    delay: 0,
    output: (commit: FileSink.CommitHook<Frontier.Settlement>) =>
      FileSink.make({ path, format: Format.jsonl, commit, ...Crawl.batches }),
    keepAnswer: () => Effect.succeed(record),
    archive: () => Effect.succeed({ path, length: () => 0, write, sync: Effect.void })
  })
  const exit = yield* Effect.exit(crawl.run())
  return { exit, account: yield* crawl.snapshot }
})

const within = Effect.provide([shop, NodeServices.layer])

describe("Crawl with an archive", () => {
  it.live("CRL28: answers that wait for their commit are bounded in bytes", () =>
    Effect.gen(function* () {
      const sizes: Array<number> = []
      const { account, exit } = yield* crawl(({ length }) => Effect.sync(() => sizes.push(length)))
      assert.deepStrictEqual(exit, Exit.void)
      assert.strictEqual(account.done, 10)
      assert.deepStrictEqual(sizes, Array(10).fill(sizeMax / 2 + 1))
    }).pipe(Effect.scoped, within)
  )

  it.live("CRL28: an archive that takes no more ends the crawl, and the account adds up", () =>
    Effect.gen(function* () {
      const full = new FileSink.SinkFailed({
        path: "/archive",
        operation: "write",
        rowsWritten: 0,
        rowsPath: "/archive",
        cause: new Error("no space left")
      })
      const { account, exit } = yield* crawl(() => Effect.fail(full))
      const error = Exit.isFailure(exit) ? String(exit.cause) : ""
      assert.include(error, "cannot write /archive: no space left")
      const { discovered, done, failed, left, skipped } = account
      assert.deepStrictEqual([done, discovered], [0, done + failed + skipped + left])
    }).pipe(Effect.scoped, within)
  )
})
