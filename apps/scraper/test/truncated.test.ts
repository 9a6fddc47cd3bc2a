import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { serve, temporaryDirectory } from "./support/program.ts"

describe.concurrent("scraper crawl --keep-truncated", () => {
  it.live("SCR38: what is larger than --max-body is cut there, and the row says so", () =>
    Effect.gen(function* () {
      const origin = yield* serve(({ url }, response) => {
        response.writeHead(200, { "content-type": "text/html" })
        response.end(url === "/robots.txt" ? "" : `<title>Long</title>${"x".repeat(5000)}`)
      })
      const out = join(yield* temporaryDirectory, "out.jsonl")
      const args = [origin, "--allow-private", "--max-body", "1KiB"]
      assert.strictEqual((yield* crawlHere(...args, "-o", out)).code, 8)
      assert.strictEqual((yield* crawlHere(...args, "-O", out, "--keep-truncated")).code, 0)
      const row = { url: `${origin}/`, status: 200, depth: 0, truncated: true, title: "Long" }
      assert.deepStrictEqual(JSON.parse(readFileSync(out, "utf8")), row)
    })
  )
})
