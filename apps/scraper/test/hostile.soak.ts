import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { paths, serveBadHosts } from "../../../packages/crawl/test/support/hostileHosts.ts"
import { serveLarge } from "./support/largeSite.ts"
import { awaitWatched, run, start, temporaryDirectory } from "./support/program.ts"

const linesOf = (text: string): ReadonlyArray<Record<string, unknown>> =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

describe("scraper among hostile hosts, with the limits that users have", () => {
  it.live(
    "SCR80: it needs less than 300 MB, ends, has all good pages, and tells what each bad one did",
    () =>
      Effect.gen(function* () {
        const good = yield* Effect.replicateEffect(serveLarge(200), 3)
        const bad = yield* serveBadHosts(paths)
        const out = join(yield* temporaryDirectory, "out.jsonl")
        const seeds = [...bad.map(({ url }) => url), ...good.map(({ origin }) => origin)]
        const running = yield* start("crawl", ...seeds, "-o", out, "--allow-private")
        const { code, peakBytes, stderr } = yield* awaitWatched(running)
        yield* Effect.log(`peak ${Math.round(peakBytes / 1e6)} MB;`, stderr.split("\n").slice(-4))
        assert.strictEqual(code, 8, stderr)
        assert.isAbove(peakBytes, 0)
        assert.isBelow(peakBytes, 300_000_000)
        assert.match(stderr, /discovered \d+ = done \d+ \+ failed \d+ \+ skipped 0 \+ left 0/)

        const { stdout } = yield* run("export", out, "--table", "pages", "-o", "-")
        const found = new Map(linesOf(stdout).map((page) => [page["url"], page]))
        for (const { does, end, url } of bad) {
          const { reason, state } = found.get(url)!
          const [expected, cause = null] = end
          assert.deepStrictEqual([does, state, reason], [does, expected, cause])
        }
        for (const url of good.flatMap(({ urls }) => urls)) {
          assert.strictEqual(found.get(url)?.["state"], "done", url)
        }
      }),
    600_000
  )
})
