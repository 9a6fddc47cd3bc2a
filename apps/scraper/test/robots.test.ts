import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { robotsCommand } from "../src/RobotsCommand.ts"
import { runHere } from "./support/here.ts"
import { run, serve } from "./support/program.ts"

const file = `User-agent: *
Disallow: /private/
Crawl-delay: 90

User-agent: other
Disallow: /
Sitemap: http://shop.example/map.xml
`

const site = serve((request, response) => {
  if (request.url === "/robots.txt") response.writeHead(301, { location: "/r" }).end()
  else if (request.url === "/r") response.end(file)
  else response.writeHead(500).end()
})

describe("scraper robots", () => {
  it.live("SCR43: the deciding line is named, and the exit code says it too", () =>
    Effect.gen(function* () {
      const origin = yield* site
      const ask = (...args: ReadonlyArray<string>) => run("robots", ...args, "--allow-private")
      const allowed = yield* ask(`${origin}/a?b`)
      assert.deepStrictEqual(
        [allowed.code, allowed.stdout, allowed.stderr],
        [0, "allowed /a?b (no line is about it)\n", ""]
      )
      const forbidden = yield* ask(`${origin}/private/x`)
      assert.deepStrictEqual(
        [forbidden.code, forbidden.stdout],
        [10, "forbidden /private/x (line 2: Disallow: /private/)\n"]
      )
      const several = yield* ask(origin, "--path", "/a", "--path", "/private/", "--agent", "Other")
      assert.deepStrictEqual(
        [several.code, several.stdout],
        [10, "forbidden /a (line 6: Disallow: /)\nforbidden /private/ (line 6: Disallow: /)\n"]
      )
    })
  )

  it.live("SCR44: --why tells of the requests, what they mean, Crawl-delay and sitemaps", () =>
    Effect.gen(function* () {
      const origin = yield* site
      const { stdout } = yield* run("robots", `${origin}/`, "--allow-private", "--why")
      assert.strictEqual(
        stdout,
        `${origin}/robots.txt: status 301
${origin}/r: status 200
its rules hold, for fibra-scraper
a crawl asks again after 1d
allowed / (no line is about it)
Crawl-delay 1m 30s, of which a crawl keeps 1m
sitemap http://shop.example/map.xml
`
      )
      const { stdout: json } = yield* run(
        "robots",
        `${origin}/private/`,
        "--allow-private",
        "--json"
      )
      const { checkAgainAt, ...found } = JSON.parse(json)
      assert.isFalse(Number.isNaN(Date.parse(checkAgainAt)))
      assert.deepStrictEqual(found, {
        origin,
        agent: "fibra-scraper",
        asked: [
          { url: `${origin}/robots.txt`, answer: "status 301" },
          { url: `${origin}/r`, answer: "status 200" }
        ],
        meaning: "its rules hold",
        reason: "its rules",
        decisions: [{ path: "/private/", allowed: false, rule: "Disallow: /private/", line: 2 }],
        crawlDelaySeconds: 90,
        sitemaps: ["http://shop.example/map.xml"]
      })
    })
  )

  it.live.each([
    [404, 0, "allowed / (no rules: status 404)", "it has no rules"],
    [503, 10, "forbidden / (unreachable: status 503)", "nothing is allowed"],
    [429, 10, "forbidden / (unreachable: status 429)", "nothing is allowed"]
  ] as const)("SCR44: status %d for robots.txt exits %d", ([status, code, decision, meaning]) =>
    Effect.gen(function* () {
      const origin = yield* serve((_, response) => response.writeHead(status).end("Disallow: /"))
      const ended = yield* run("robots", origin, "--allow-private", "--why")
      assert.strictEqual(ended.code, code)
      assert.include(ended.stdout, decision)
      assert.include(ended.stdout, meaning)
    })
  )

  it.live.each([
    [["http://127.0.0.1:1/", "--allow-private"], 4, "cannot be reached"],
    [["http://127.0.0.1:1/"], 4, "--allow-private"],
    [["x"], 2, "is not a URL"],
    [["http://x.example", "--path", "a"], 2, "does not start with /"],
    [["http://x.example", "--agent", "Mozilla/5.0"], 2, "cannot stand in a robots.txt"]
  ] as const)("SCR43: robots %j exits %d", ([args, code, reason]) =>
    Effect.gen(function* () {
      const ended = yield* runHere(robotsCommand, ...args)
      assert.strictEqual(ended.code, code, ended.reason)
      assert.include(ended.reason, reason)
    })
  )
})
