import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fetchCommand } from "../src/FetchCommand.ts"
import { runHere } from "./support/here.ts"
import { run, serve } from "./support/program.ts"

const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2])
const page = Buffer.concat([
  Buffer.from("<title>T</title><link rel=canonical href=/one><h1>"),
  cyrillic,
  Buffer.from(
    "</h1><a href=a#1>a</a> <a href=a#2>a</a> <a href=mailto:x@y>m</a><script>x()</script>"
  )
])

const site = serve((request, response) => {
  switch (request.url) {
    case "/robots.txt":
      return response.end("User-agent: *\nDisallow: /private/\n")
    case "/moved":
      return response.writeHead(302, { location: "/page" }).end()
    case "/to-private":
      return response.writeHead(302, { location: "/private/x" }).end()
    case "/loop":
      return response.writeHead(302, { location: "/loop" }).end()
    case "/mail":
      return response.writeHead(302, { location: "mailto:a@b" }).end()
    case "/page":
    case "/private/x":
      return response
        .writeHead(200, { "content-type": "text/html; charset=windows-1251", "x-a": "\u009b31m" })
        .end(page)
    case "/picture":
      return response.writeHead(200, { "content-type": "image/png" }).end(Buffer.of(0x89, 0, 255))
    case "/bomb":
      return response
        .writeHead(200, { "content-encoding": "gzip" })
        .end(gzipSync(Buffer.alloc(20 * 1024 * 1024)))
    case "/large":
      return response.end(Buffer.alloc(2 * 1024 * 1024, "x"))
    case "/never":
      return
    default:
      return response.writeHead(404, { "content-type": "text/html" }).end("<p>gone</p>")
  }
})

const lines = (text: string) => text.trimEnd().split("\n")

describe("scraper fetch", () => {
  it.live("SCR40: redirects are followed, and the charset is that of the page", () =>
    Effect.gen(function* () {
      const origin = yield* site
      const ended = yield* run("fetch", `${origin}/moved`, "--allow-private")
      assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
      assert.include(ended.stdout, "<h1>Привет</h1>")
    })
  )

  it.live("SCR40: --text, --links and --headers show other sides of the page", () =>
    Effect.gen(function* () {
      const origin = yield* site
      const show = (flag: string) => run("fetch", `${origin}/page`, "--allow-private", flag)
      assert.strictEqual((yield* show("--text")).stdout, "Привет\na a m\n")
      assert.strictEqual((yield* show("--links")).stdout, `${origin}/a\n`)
      const headers = lines((yield* show("--headers")).stdout)
      assert.strictEqual(headers[0], `200 ${origin}/page`)
      assert.include(headers, "content-type: text/html; charset=windows-1251")
      assert.include(headers, "x-a: 31m")
    })
  )

  it.live("SCR40: --json says all of it in one object", () =>
    Effect.gen(function* () {
      const origin = yield* site
      const ended = yield* run("fetch", `${origin}/moved`, "--allow-private", "--json")
      const { headers, ...found } = JSON.parse(ended.stdout)
      assert.strictEqual(headers["content-type"], "text/html; charset=windows-1251")
      assert.deepStrictEqual(found, {
        url: `${origin}/page`,
        redirectedFrom: [`${origin}/moved`],
        status: 200,
        bytes: page.length,
        bytesSent: page.length,
        charset: "windows-1251",
        charsetFrom: "header",
        replacements: 0,
        title: "T",
        canonical: `${origin}/one`,
        links: [`${origin}/a`],
        text: "Привет\na a m"
      })
    })
  )

  it.live("SCR40: what is no text is printed as it is", () =>
    Effect.gen(function* () {
      const origin = yield* site
      const ended = yield* run("fetch", `${origin}/picture`, "--allow-private")
      assert.strictEqual(ended.code, 0)
      assert.strictEqual(ended.stdout, Buffer.of(0x89, 0, 255).toString())
    })
  )

  it.live("SCR41: robots.txt is asked about each hop", () =>
    Effect.gen(function* () {
      const origin = yield* site
      for (const path of ["/private/x", "/to-private"]) {
        const ended = yield* run("fetch", `${origin}${path}`, "--allow-private")
        assert.deepStrictEqual([ended.code, ended.stdout], [10, ""])
        assert.strictEqual(
          ended.stderr,
          `scraper: robots.txt of ${origin} forbids ${origin}/private/x (line 2: Disallow: /private/)\n`
        )
      }
      const args = ["--allow-private", "--robots", "ignore", "--text"]
      const ended = yield* run("fetch", `${origin}/private/x`, ...args)
      assert.deepStrictEqual([ended.code, lines(ended.stdout)[0]], [0, "Привет"])
      assert.include(ended.stderr, "--robots ignore")
    })
  )

  it.live("SCR41: a robots.txt that answers with an error forbids all", () =>
    Effect.gen(function* () {
      const origin = yield* serve((_, response) => response.writeHead(503).end())
      const ended = yield* run("fetch", origin, "--allow-private")
      assert.strictEqual(ended.code, 10)
      assert.include(ended.stderr, "unreachable: status 503")
    })
  )

  it.live.each([
    ["/gone", 8, "answered with status 404"],
    ["/loop", 8, "redirects in a loop"],
    ["/mail", 8, "which is no web page"]
  ] as const)("SCR42: %s exits %d", ([path, code, reason]) =>
    Effect.gen(function* () {
      const origin = yield* site
      const ended = yield* run("fetch", `${origin}${path}`, "--allow-private")
      assert.strictEqual(ended.code, code, ended.stderr)
      assert.strictEqual(lines(ended.stderr).length, 1)
      assert.include(ended.stderr, reason)
    })
  )

  it.live.each([
    [["http://127.0.0.1:1/", "--allow-private"], 4, "cannot be reached"],
    [["http://127.0.0.1:1/"], 4, "--allow-private"],
    [["http://169.254.169.254/latest/", "--robots", "ignore"], 4, "link-local"],
    [["shop.example"], 2, "is not a URL"],
    [["http://x.example", "--links", "--text"], 2, "do not go together"],
    [["http://x.example", "--robots", "sometimes"], 2, "robots"],
    [[], 2, "Missing required argument: url"]
  ] as const)("SCR42: fetch %j exits %d", ([args, code, reason]) =>
    Effect.gen(function* () {
      const ended = yield* runHere(fetchCommand, ...args)
      assert.strictEqual(ended.code, code, ended.reason)
      assert.include(ended.reason, reason)
      assert.notInclude(ended.reason, "\n")
    })
  )

  it.live.each([
    ["/bomb", [], 8, "bytes decompressed"],
    ["/large", ["--max-body", "1MiB"], 8, "more than 1048576 bytes"],
    ["/never", ["--timeout", "100ms"], 4, "did not"]
  ] as const)("SCR47: %s is refused", ([path, flags, code, reason]) =>
    Effect.gen(function* () {
      const origin = yield* site
      const ended = yield* run("fetch", `${origin}${path}`, "--allow-private", ...flags)
      assert.strictEqual(ended.code, code, ended.stderr)
      assert.include(ended.stderr, reason)
    })
  )
})
