import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { run, serve, temporaryDirectory } from "./support/program.ts"

const output = Effect.map(temporaryDirectory, (directory) => join(directory, "out.jsonl"))

describe.concurrent("scraper crawl, flags", () => {
  it.live.each([[["--robots", "ignore"], "add --i-own-this-site"]] as const)(
    "SCR4: %j is wrong usage, and nothing is started",
    ([flags, reason]) =>
      Effect.gen(function* () {
        let hits = 0
        const origin = yield* serve((_, response) => {
          hits += 1
          response.end()
        })
        const ended = yield* crawlHere(origin, "-o", yield* output, "--allow-private", ...flags)
        assert.strictEqual(ended.code, 2)
        assert.include(ended.reason, reason)
        assert.notInclude(ended.reason, "\n")
        assert.strictEqual(hits, 0)
      })
  )

  it.live(
    "SCR70: what robots.txt forbids is fetched when the site is one's own, and why says so",
    () =>
      Effect.gen(function* () {
        const origin = yield* serve((request, response) =>
          response.end(request.url === "/robots.txt" ? "User-agent: *\nDisallow: /x" : "<a href=x>")
        )
        const out = yield* output
        const flags = ["--robots", "ignore", "--i-own-this-site", "--allow-private"]
        assert.strictEqual((yield* crawlHere(origin, "-o", out, ...flags)).code, 0)
        assert.include(readFileSync(out, "utf8"), `"${origin}/x"`)
        const why = yield* run("why", `${out}.job`, `${origin}/x`)
        assert.include(why.stdout, "robots.txt was ignored: it forbids this (line 2: Disallow: /x)")
      })
  )
})
