import { appendFileSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { run, serve, temporaryDirectory } from "./support/program.ts"

/** A home page and seven others. */
const site = serve((request, response) => {
  const links = Array.from({ length: 7 }, (_, index) => `<a href=/${index}>`).join("")
  response.end(request.url === "/robots.txt" ? "" : request.url === "/" ? links : "")
})

const rowsIn = (text: string) => (text === "" ? [] : text.trimEnd().split("\n"))

describe.concurrent("scraper crawl --rotate", () => {
  it.live(
    "SCR33: files of rows follow each other, through lives and crashes, and are exported as one",
    () =>
      Effect.gen(function* () {
        const [origin, directory] = [yield* site, yield* temporaryDirectory]
        const out = join(directory, "out.rows.jsonl")
        const flags = ["--allow-private", "--rotate", "3rows"]
        const first = yield* crawlHere(origin, "-o", out, ...flags, "--max-pages", "5")
        assert.strictEqual(first.code, 9)
        // What a crash leaves behind: rows, and a whole file, that no commit knows of.
        appendFileSync(join(directory, "out.000002.rows.jsonl"), '{"url":"uncommitted"}\n{"url":')
        appendFileSync(join(directory, "out.000003.rows.jsonl"), '{"url":"uncommitted"}\n')
        const partial = yield* run("export", out, "-o", "-")
        assert.strictEqual(rowsIn(partial.stdout).length, 5, partial.stderr)
        assert.strictEqual((yield* crawlHere(origin, "-o", out, ...flags)).code, 0)
        const names = readdirSync(directory).filter((name) => name.endsWith("l"))
        assert.deepStrictEqual(names.toSorted(), [
          "out.000001.rows.jsonl",
          "out.000002.rows.jsonl",
          "out.000003.rows.jsonl"
        ])
        const texts = names.toSorted().map((name) => readFileSync(join(directory, name), "utf8"))
        assert.deepStrictEqual(
          texts.map((text) => rowsIn(text).length),
          [3, 3, 2]
        )
        const whole = yield* run("export", out, "-o", "-")
        assert.strictEqual(whole.stdout, texts.join(""))
        assert.strictEqual(new Set(rowsIn(whole.stdout)).size, 8)
        const status = yield* run("status", out)
        assert.match(status.stdout, /output: .*, \d+ B committed in out.000003.rows.jsonl\n/)
        const onto = yield* run("export", out, "-o", join(directory, "out.000001.rows.jsonl"))
        assert.include(onto.stderr, "is the file that the crawl writes")
        assert.include(
          (yield* crawlHere(origin, "-o", out, "--allow-private")).reason,
          "with --rotate"
        )
        // From nothing: what was there is gone.
        const afresh = yield* crawlHere(origin, "-O", out, ...flags, "--max-pages", "1")
        assert.strictEqual(afresh.code, 9)
        assert.deepStrictEqual(
          readdirSync(directory).filter((name) => name.endsWith("l")),
          ["out.000001.rows.jsonl"]
        )
      })
  )

  it.live.each([
    [["-o", "-", "--rotate", "1MiB"], "--rotate needs a file"],
    [["-o", "f", "--rotate", "0rows"], "a size such as 256MiB, or a number of rows"],
    [["-o", "f", "--rotate", "0"], "a size such as 256MiB"]
  ] as const)("SCR4: %j is wrong usage", ([flags, reason]) =>
    Effect.gen(function* () {
      const ended = yield* crawlHere("http://127.0.0.1:1", ...flags)
      assert.strictEqual(ended.code, 2)
      assert.include(ended.reason, reason)
    })
  )
})
