import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { run, serve, temporaryDirectory } from "./support/program.ts"

describe.concurrent("scraper crawl --dedupe", () => {
  it.live(
    "SCR29: of pages with one rel=canonical the first has a row, and why tells the others",
    () =>
      Effect.gen(function* () {
        const origin = yield* serve(({ url }, response) => {
          const canonical = url!.startsWith("/tea") ? "<link rel=canonical href=/tea>" : ""
          response.writeHead(200, { "content-type": "text/html" })
          response.end(`${canonical}<a href=/tea?a=1><a href=/tea>`)
        })
        const out = join(yield* temporaryDirectory, "out.jsonl")
        const args = ["-o", out, "--allow-private", "--per-host", "1", "--dedupe", "canonical"]
        assert.deepStrictEqual(yield* crawlHere(origin, ...args), { code: 0, reason: "" })
        const rows = readFileSync(out, "utf8").trimEnd().split("\n")
        assert.deepStrictEqual(
          rows.map((row) => JSON.parse(row).url),
          [`${origin}/`, `${origin}/tea?a=1`]
        )
        const why = yield* run("why", `${out}.job`, `${origin}/tea`)
        assert.include(
          why.stdout,
          "/tea: done; it has no row, because its rel=canonical is that of"
        )
        assert.include(why.stdout, `\nthe row is that of ${origin}/tea?a=1\n`)
        const other = yield* run("why", `${out}.job`, `${origin}/tea?a=1`)
        assert.include(other.stdout, `\nrel=canonical: ${origin}/tea\n`)
      })
  )
})
