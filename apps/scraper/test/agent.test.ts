import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { run, serve, temporaryDirectory } from "./support/program.ts"

const robots = "User-agent: my-bot\nDisallow: /mine\nCrawl-delay: 400\nUser-agent: *\nDisallow: /"

describe.concurrent("scraper, and who it says that it is", () => {
  it.live(
    "SCR31: sites are told who asks and where to reach them, and their rules for it hold",
    () =>
      Effect.gen(function* () {
        const agents = new Set<string | undefined>()
        const origin = yield* serve(({ headers, url }, response) => {
          agents.add(headers["user-agent"])
          response.writeHead(200, { "content-type": "text/html" })
          response.end(url === "/robots.txt" ? robots : "<a href=/mine>")
        })
        const out = join(yield* temporaryDirectory, "out.jsonl")
        const who = ["--agent", "my-bot/2.0", "--contact", "https://me.example/bot"]
        const args = [origin, "-o", out, "--allow-private", "--respect-crawl-delay", "0s", ...who]
        assert.deepStrictEqual(yield* crawlHere(...args), { code: 0, reason: "" })
        assert.deepStrictEqual([...agents], ["my-bot/2.0 (+https://me.example/bot)"])
        const why = yield* run("why", `${out}.job`, `${origin}/mine`)
        assert.include(
          why.stdout,
          'skipped by the rule "robots"\nline 2 of robots.txt: Disallow: /mine'
        )
        assert.include(
          why.stdout,
          "robots.txt: forbidden (line 2: Disallow: /mine)\nCrawl-delay 6m 40s"
        )
        assert.include(why.stdout, "of which a crawl keeps 0")
        const fetched = yield* run("fetch", `${origin}/mine`, "--allow-private", ...who)
        assert.strictEqual(fetched.code, 10)
      })
  )

  it.live.each([
    ["--agent", "my bot"],
    ["--agent", "my-bot/1/2"],
    ["--contact", "nobody"],
    ["--contact", "https://a b"]
  ] as const)("SCR4: %s %s is wrong usage", ([flag, value]) =>
    Effect.gen(function* () {
      const out = join(yield* temporaryDirectory, "out.jsonl")
      const ended = yield* crawlHere("http://127.0.0.1:9", "-o", out, flag, value)
      assert.strictEqual(ended.code, 2, ended.reason)
      assert.include(ended.reason, flag)
    })
  )
})
