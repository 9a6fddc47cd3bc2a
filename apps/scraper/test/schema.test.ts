import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { run, serve, temporaryDirectory } from "./support/program.ts"

const schema = fileURLToPath(new URL("support/schema.ts", import.meta.url))
const pages: Record<string, string> = {
  "/": "<a href=tea><a href=milk>",
  "/tea": "<b>Tea</b><i>4.50</i>",
  "/milk": "<b>Milk</b><i>free</i>"
}
const shop = serve(({ url }, response) => {
  const page = pages[url!]
  response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html" }).end(page)
})
const fields = ["--select", "name=b", "--select", "price=i", "--require", "name", "--allow-private"]
const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

describe.concurrent("scraper crawl --schema", () => {
  it.live("SCR28: rows are typed, and rejects are beside them with their cause", () =>
    Effect.gen(function* () {
      const origin = yield* shop
      const directory = yield* temporaryDirectory
      const [out, rejects] = [join(directory, "out.jsonl"), join(directory, "out.rejects.jsonl")]
      const args = [origin, ...fields, "--schema", schema]
      const ended = yield* crawlHere(...args, "-o", out)
      assert.deepStrictEqual(ended, { code: 8, reason: "the row of 1 page rejected" })
      const tea = { url: `${origin}/tea`, status: 200, depth: 1, name: "Tea", price: 4.5 }
      assert.deepStrictEqual(linesOf(out), [tea])
      const rejected = linesOf(rejects)
      const cause: string = rejected[0].cause
      assert.match(cause, /^Expected a .* at \["price"\]$/)
      const milk = { title: null, name: "Milk", price: "free" }
      assert.deepStrictEqual(rejected, [{ url: `${origin}/milk`, cause, fields: milk }])
      const why = yield* run("why", `${out}.job`, `${origin}/milk`)
      assert.include(why.stdout, `/milk: done; its row was rejected by the schema\n${cause}\n`)

      // The same command has nothing left to do, and its rejects are still there.
      assert.strictEqual((yield* crawlHere(...args, "-o", out)).code, 8)
      assert.strictEqual((yield* crawlHere(...args, "-o", out, "--fail-over", "50%")).code, 0)
      const other = yield* crawlHere(origin, ...fields, "-o", out)
      assert.strictEqual(other.code, 2)
      assert.include(other.reason, `keeps rejects in ${rejects}; give --schema FILE.ts --rejects`)
      assert.deepStrictEqual([linesOf(out).length, linesOf(rejects).length], [1, 1])
      // From nothing.
      assert.strictEqual((yield* crawlHere(...args, "-O", out)).code, 8)
      assert.deepStrictEqual([linesOf(out).length, linesOf(rejects).length], [1, 1])
    })
  )

  it.live(
    "SCR28: a schema that cannot be used, and rejects that cannot be kept, are one line",
    () =>
      Effect.gen(function* () {
        const origin = yield* shop
        const directory = yield* temporaryDirectory
        const out = join(directory, "out.jsonl")
        const args = [origin, ...fields, "-o", out]
        const ends = Effect.fnUntraced(function* (code: number, ...more: ReadonlyArray<string>) {
          const ended = yield* crawlHere(...args, ...more)
          assert.strictEqual(ended.code, code, ended.reason)
          assert.notInclude(ended.reason, "\n")
        })
        yield* ends(2, "--rejects", join(directory, "x"))
        yield* ends(2, "--schema", schema, "--rejects", out)
        yield* ends(2, "--schema", schema, "--rejects", "-")
        yield* ends(3, "--schema", schema, "--rejects", join(directory, "none", "x"))
        yield* ends(3, "--schema", join(directory, "none.ts"))
        assert.isFalse(existsSync(out))
      })
  )
})
