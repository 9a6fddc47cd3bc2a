import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { serveLarge } from "./support/largeSite.ts"
import { awaitWatched, run, start, temporaryDirectory } from "./support/program.ts"

const total = 100_000
const memoryMax = 350_000_000

describe("scraper with a large frontier", () => {
  it.live(
    "SCR82: memory is bounded, a second process exits 75, Ctrl-C answers in two seconds, and the rest follows",
    () =>
      Effect.gen(function* () {
        const site = yield* serveLarge(total)
        const directory = yield* temporaryDirectory
        const [out, job] = [join(directory, "out.jsonl"), join(directory, "job")]
        const flags = ["--allow-private", "--per-host", "16", "--depth", "100"]
        const args = ["crawl", site.origin, "-o", out, "--job", job, ...flags]

        const first = yield* start(...args)
        const watched = yield* Effect.forkChild(awaitWatched(first), { startImmediately: true })
        yield* Effect.callback<void>((resume) => site.after(total / 2, () => resume(Effect.void)))
        const second = yield* run(...args)
        assert.strictEqual(second.code, 75, second.stderr)
        assert.include(second.stderr, `process ${first.pid}`)

        const asked = performance.now()
        first.kill("SIGINT")
        yield* Effect.promise(() => first.ended)
        const answerMillis = performance.now() - asked
        const stopped = yield* Fiber.join(watched)
        assert.strictEqual(stopped.code, 130, stopped.stderr)
        const [, done, left] =
          /= done (\d+) \+ failed 0 \+ skipped 0 \+ left (\d+)/.exec(stopped.stderr) ?? []
        assert.isAtLeast(Number(done), total / 2 - 1000)
        assert.isAbove(Number(left), 0)
        assert.strictEqual(linesIn(out).length, Number(done))

        const resumed = yield* awaitWatched(yield* start(...args))
        yield* Effect.log(
          `Ctrl-C: ${Math.round(answerMillis)} ms; peaks:`,
          [stopped, resumed].map(({ peakBytes }) => `${Math.round(peakBytes / 1e6)} MB`)
        )
        assert.strictEqual(resumed.code, 0, resumed.stderr)
        const found = linesIn(out).map((line) => String(JSON.parse(line).url))
        assert.strictEqual(new Set(found).size, found.length)
        assert.deepStrictEqual(found.toSorted(), site.urls.toSorted())
        assert.isBelow(answerMillis, 2000)
        for (const { peakBytes } of [stopped, resumed]) {
          assert.isAbove(peakBytes, 0)
          assert.isBelow(peakBytes, memoryMax)
        }
      }),
    1_200_000
  )
})

const linesIn = (path: string) => {
  const text = readFileSync(path, "utf8")
  assert.isTrue(text.endsWith("\n"), "the last row is whole")
  return text.split("\n").slice(0, -1)
}
