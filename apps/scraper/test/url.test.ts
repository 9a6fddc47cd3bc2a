import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { run, serve, temporaryDirectory } from "./support/program.ts"

describe.concurrent("scraper url", () => {
  it.live("SCR66: the rules are printed, and the canonical form of URLs by them", () =>
    Effect.gen(function* () {
      const listed = yield* run("url", "--sort-query")
      assert.strictEqual(listed.code, 0)
      const lines = listed.stdout.trimEnd().split("\n")
      assert.include(lines, "no fragment: http://shop.example/tea#price is http://shop.example/tea")
      const sorted =
        "the query sorted by names (--sort-query switches it):" +
        " http://shop.example/tea?b=1&a=2&b=0 is http://shop.example/tea?a=2&b=1&b=0"
      assert.include(lines, sorted)
      const link = "HTTP://Shop.example:80/?b=2&utm_source=x&a=1#top"
      const plain = yield* run("url", link, "--keep-params", "tracking", "--json")
      const canonical = "http://shop.example/?b=2&utm_source=x&a=1"
      assert.deepStrictEqual(JSON.parse(plain.stdout), [{ url: link, canonical }])
    })
  )

  it.live("SCR66: a crawl and its job have the rules that flags switch", () =>
    Effect.gen(function* () {
      const origin = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "text/html" })
        response.end("<a href='/?b=1&a=2'><a href='/?a=2&b=1'><a href=mailto:a@b>")
      })
      const out = join(yield* temporaryDirectory, "out.jsonl")
      const args = [origin, "-o", out, "--allow-private"]
      assert.strictEqual((yield* crawlHere(...args, "--sort-query")).code, 0)
      assert.strictEqual(readFileSync(out, "utf8").split("\n").length, 3)
      const other = yield* crawlHere(...args)
      assert.strictEqual(other.code, 3)
      assert.include(other.reason, "sortQuery true, and not by")
      const why = yield* run("why", `${out}.job`, `${origin}/?b=1&a=2`)
      assert.include(why.stdout, "/?a=2&b=1: done")
    })
  )
})
