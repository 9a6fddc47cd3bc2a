import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import type { IncomingHttpHeaders } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Secrets from "../src/Secrets.ts"
import { crawlHere } from "./support/here.ts"
import { run, serve, temporaryDirectory } from "./support/program.ts"

const output = Effect.map(temporaryDirectory, (directory) => join(directory, "out.jsonl"))

describe.concurrent("scraper crawl, flags", () => {
  it.live.each([
    [["--robots", "ignore"], "add --i-own-this-site"],
    [["--header", "Authorization"], "--header needs a name and a value"],
    [["--header", "Host: x.example"], "--header host cannot be given"],
    [["--header", "a b: secret"], "--header needs a name of letters"],
    [["--follow", "a["], '--follow "a[" is not a selector'],
    [["--accept", "pdf"], "a type such as application/pdf"],
    [["--jitter", "2"], "a number from 0 to 1"],
    [["--proxy", "secret"], "--proxy is no URL"],
    [["--proxy", "socks5://u:secret@h"], "--proxy is not http or https"],
    [["--proxy", "http://u:secret@h/path"], "--proxy http://h has a path"],
    [["--header", "X-Key: a\nsecret"], "--header x-key has a value with characters"]
  ] as const)("SCR4: %j is wrong usage, and nothing is started", ([flags, reason]) =>
    Effect.gen(function* () {
      let hits = 0
      const origin = yield* serve((_, response) => {
        hits += 1
        response.end()
      })
      const ended = yield* crawlHere(origin, "-o", yield* output, "--allow-private", ...flags)
      assert.strictEqual(ended.code, 2)
      assert.include(ended.reason, reason)
      assert.notMatch(ended.reason, /\n|secret/)
      assert.strictEqual(hits, 0)
    })
  )

  it.live(
    "SCR70: what robots.txt forbids is fetched when the site is one's own, and why says so",
    () =>
      Effect.gen(function* () {
        const origin = yield* serve((request, response) =>
          response.end(request.url === "/robots.txt" ? "User-agent: *\nDisallow: /x" : "<a href=x>")
        )
        const out = yield* output
        const flags = ["--robots", "ignore", "--i-own-this-site", "--allow-private"]
        assert.strictEqual((yield* crawlHere(origin, "-o", out, ...flags)).code, 0)
        assert.include(readFileSync(out, "utf8"), `"${origin}/x"`)
        const why = yield* run("why", out, `${origin}/x`)
        assert.include(why.stdout, "robots.txt was ignored: it forbids this (line 2: Disallow: /x)")
      })
  )

  it.live("SCR89: with --order dfs the page of a host that was found last comes first", () =>
    Effect.gen(function* () {
      const origin = yield* serve((request, response) =>
        response.end(request.url === "/" ? "<a href=1><a href=2><a href=3>" : "")
      )
      for (const [order, expected] of [
        ["bfs", "/ /1 /2 /3"],
        ["dfs", "/ /3 /2 /1"]
      ] as const) {
        const out = yield* output
        const flags = ["--order", order, "--concurrency", "1", "--allow-private"]
        assert.strictEqual((yield* crawlHere(origin, "-o", out, ...flags)).code, 0)
        const lines = readFileSync(out, "utf8").split("\n").slice(0, -1)
        const paths = lines.map((line) => new URL(JSON.parse(line).url).pathname)
        assert.strictEqual(paths.join(" "), expected)
      }
    })
  )

  /** Two sites, the first of which leads to the second, and the headers that each was asked with. */
  const twoSites = Effect.gen(function* () {
    const heard = { own: [] as Array<IncomingHttpHeaders>, other: [] as Array<IncomingHttpHeaders> }
    const other = yield* serve((request, response) => {
      heard.other.push(request.headers)
      response.end()
    })
    const own = yield* serve((request, response) => {
      heard.own.push(request.headers)
      const isRoot = request.url === "/"
      if (request.url !== "/robots.txt") response.setHeader("set-cookie", "seen=1; Path=/")
      response.end(isRoot ? `<a href=a><a href="${other.replace("127.0.0.1", "localhost")}">` : "")
    })
    return { heard, own }
  })

  it.live(
    "SCR71: headers go to the sites of the start URLs, and to others only what is no secret",
    () =>
      Effect.gen(function* () {
        const { heard, own } = yield* twoSites
        const headers = ["X-Key: s3cret", "Cookie: a=1", "authorization:Bearer s3cret", "DNT: 1"]
        const flags = [
          "--scope",
          "all",
          "--allow-private",
          ...headers.flatMap((h) => ["--header", h])
        ]
        const out = yield* output
        assert.strictEqual((yield* crawlHere(own, "-o", out, ...flags)).code, 0)
        assert.deepStrictEqual([heard.own.length, heard.other.length], [3, 2])
        for (const { authorization, cookie, dnt, "x-key": key } of heard.own) {
          assert.deepStrictEqual(
            [authorization, cookie, dnt, key],
            ["Bearer s3cret", "a=1", "1", "s3cret"]
          )
        }
        for (const { authorization, cookie, dnt, "x-key": key } of heard.other) {
          assert.deepStrictEqual(
            [authorization, cookie, dnt, key],
            [undefined, undefined, "1", undefined]
          )
        }
      })
  )

  it.live("SCR72: a cookie file that cannot be read, or with a wrong line, is one line", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const [file, out] = [join(directory, "cookies.txt"), join(directory, "out.jsonl")]
      const crawl = crawlHere("http://127.0.0.1:1/", "-o", out, "--cookies", file)
      const missing = yield* crawl
      assert.deepStrictEqual([missing.code, missing.reason.includes(file)], [3, true])
      writeFileSync(file, "# cookies\n127.0.0.1 FALSE / FALSE 0 session s3cret\n")
      const wrong = yield* crawl
      assert.strictEqual(wrong.code, 2)
      assert.match(wrong.reason, /^line 2 of .*: a cookie has 7 fields with tabs/)
      assert.deepStrictEqual(readdirSync(directory), ["cookies.txt"])
    })
  )

  it.live(
    "SCR73: a crawl goes through a proxy, whose failure is told of without its password",
    () =>
      Effect.gen(function* () {
        const asked: Array<string> = []
        const proxy = yield* serve((request, response) => {
          asked.push(request.url!)
          response.end(request.url!.endsWith("robots.txt") ? "" : "<title>through")
        })
        const out = yield* output
        const url = proxy.replace("//", "//me:s3cret@")
        const site = "http://shop.invalid/"
        assert.strictEqual(
          (yield* crawlHere(site, "-o", out, "--proxy", url, "--delay", "0")).code,
          0
        )
        assert.deepStrictEqual(asked, [`${site}robots.txt`, site])
        assert.include(readFileSync(out, "utf8"), "through")
        const nowhere = "http://me:s3cret@127.0.0.1:1"
        const failed = yield* crawlHere(site, "-O", out, "--proxy", nowhere, "--retries", "0")
        assert.deepStrictEqual(failed, {
          code: 4,
          reason: "no page was fetched: proxy not reachable"
        })
      })
  )

  it("SCR71, SCR73: secrets of a command are not shown", () => {
    const command = ["crawl", "--header", "X-Key: s3cret", "--header=a:s3cret", "http://x.test"]
    const proxies = ["--proxy", "http://me:s3cret@h:1", "--proxy=http://me:s3c/@ret@h", "-o", "f"]
    const shown = ["crawl", "--header", "X-Key: ***", "--header=a: ***", "http://x.test"]
    const shownProxies = ["--proxy", "http://***@h:1", "--proxy=http://***@h", "-o", "f"]
    assert.deepStrictEqual(Secrets.masked(command), shown)
    assert.deepStrictEqual(Secrets.masked(proxies), shownProxies)
    const urls = ["http://user:secret@x.test/a@b", "http://x.test/a@b"] as const
    assert.deepStrictEqual(Secrets.masked(urls), ["http://***@x.test/a@b", urls[1]])
  })

  it.live("SCR78: a dry run tells what would be done, as the job is, and does nothing", () =>
    Effect.gen(function* () {
      let hits = 0
      const origin = yield* serve((request, response) => {
        hits += 1
        response.end(request.url === "/robots.txt" ? "" : "<a href=a><a href=b>")
      })
      const directory = yield* temporaryDirectory
      const out = join(directory, "out.jsonl")
      const flags = ["--allow-private", "--max-pages", "1"]
      const plan = (...more: ReadonlyArray<string>) =>
        run("crawl", origin, "-o", out, ...flags, "--dry-run", ...more)
      const first = yield* plan("--header", "X-Key: s3cret")
      assert.deepStrictEqual([first.code, first.stderr], [0, ""])
      assert.match(first.stdout, /^start: http:.*\nas: fibra-scraper\/\d.*\nscope: host,/)
      assert.include(first.stdout, `rows: ${out}\njob: ${out}.job, new\n`)
      assert.notInclude(first.stdout, "s3cret")
      assert.deepStrictEqual([hits, readdirSync(directory)], [0, []])
      assert.strictEqual((yield* crawlHere(origin, "-o", out, ...flags)).code, 9)
      const asked = hits
      const second = yield* plan("--json", "--save-body", "warc")
      const { answers, delayMillis, jobState } = JSON.parse(second.stdout)
      assert.deepStrictEqual(
        [answers, delayMillis, jobState],
        [join(directory, "out.warc.gz"), 0, "goes on with 2 URLs left, after 1 page"]
      )
      assert.deepStrictEqual([hits, readdirSync(directory).length], [asked, 2])
      const wrong = yield* plan("--header", "nothing")
      assert.deepStrictEqual([wrong.code, wrong.stdout], [2, ""])
    })
  )

  it.live("SCR79: with --quiet nothing is said but why it ends with another code", () =>
    Effect.gen(function* () {
      const origin = yield* serve((request, response) =>
        response.writeHead(request.url === "/gone" ? 404 : 200).end("<a href=gone>")
      )
      const out = yield* output
      const ended = yield* run("crawl", origin, "-o", out, "--allow-private", "--quiet")
      assert.deepStrictEqual(
        [ended.code, ended.stdout, ended.stderr],
        [8, "", "scraper: 1 page of 2 failed\n"]
      )
      const flags = ["--allow-private", "--quiet", "--json", "--fail-over", "50%"]
      const again = yield* run("crawl", origin, "-O", out, ...flags)
      assert.deepStrictEqual([again.code, again.stderr], [0, ""])
      assert.strictEqual(JSON.parse(again.stdout).event, "summary")
    })
  )

  it.live("SCR32: --follow says where links are followed, and --accept what else gives a row", () =>
    Effect.gen(function* () {
      const origin = yield* serve((request, response) => {
        const isFile = request.url === "/file"
        response.setHeader("content-type", isFile ? "application/pdf" : "text/html")
        response.end(isFile ? "%PDF" : "<nav><a href=file></nav><a href=other>")
      })
      const out = yield* output
      const flags = ["--follow", "nav", "--accept", "application/pdf", "--allow-private"]
      assert.strictEqual((yield* crawlHere(origin, "-o", out, ...flags)).code, 0)
      const rows = readFileSync(out, "utf8").trimEnd().split("\n")
      assert.deepStrictEqual(
        rows.map((line) => JSON.parse(line).url),
        [`${origin}/`, `${origin}/file`]
      )
    })
  )
})
