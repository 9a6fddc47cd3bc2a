import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { realPages, serveTrapSite } from "../../../packages/crawl/test/support/trapSite.ts"
import { run, temporaryDirectory } from "./support/program.ts"

describe("scraper among traps", () => {
  it.live(
    "SCR81: it ends, with all real pages and little waste, and why names the rule of a skip",
    () =>
      Effect.gen(function* () {
        const site = yield* serveTrapSite
        const out = join(yield* temporaryDirectory, "out.jsonl")
        const args = [site.origin, "-o", out, "--allow-private", "--traps", "eager"]
        const ended = yield* run("crawl", ...args)
        const { found, requests, wasted, wastedBy } = site.score()
        yield* Effect.log({ found, requests, wasted, wastedBy })
        assert.include([0, 8], ended.code, ended.stderr)
        assert.match(ended.stderr, /\+ left 0\n/)
        assert.isAtLeast(found, realPages * 0.99)
        assert.isAtMost(wasted / requests, 0.05, JSON.stringify(wastedBy))
        const rows = readFileSync(out, "utf8").split("\n").slice(0, -1)
        assert.strictEqual(new Set(rows).size, rows.length)

        const { stdout } = yield* run("export", out, "--table", "pages", "-o", "-")
        const skipped = stdout
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line))
          .filter(({ state }) => state === "skipped")
        const byRule = Map.groupBy(skipped, ({ reason }) => String(reason))
        assert.deepStrictEqual([...byRule.keys()].toSorted(), [
          "near-duplicates",
          "parameter without effect",
          "redirected",
          "repeated segments"
        ])
        for (const [rule, pages] of byRule) {
          const why = yield* run("why", `${out}.job`, pages[0].url)
          assert.include(why.stdout, `skipped by the rule "${rule}"`)
        }
      }),
    120_000
  )
})
