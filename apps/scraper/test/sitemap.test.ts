import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run, serve } from "./support/program.ts"

const index = (...paths: ReadonlyArray<string>) =>
  `<sitemapindex>${paths.map((path) => `<sitemap><loc>${path}</loc></sitemap>`).join("")}</sitemapindex>`
const urls = (...paths: ReadonlyArray<string>) =>
  `<urlset>${paths.map((path) => `<url><loc>${path}</loc><lastmod>2024-05-17</lastmod></url>`).join("")}</urlset>`

/** A site whose home page has these files; counts the requests for each. */
const site = Effect.fnUntraced(function* (files: Record<string, string | Buffer>) {
  const hits: Record<string, number> = {}
  const origin = yield* serve((request, response) => {
    hits[request.url!] = (hits[request.url!] ?? 0) + 1
    const file = files[request.url!]
    response.writeHead(file === undefined ? 404 : 200).end(file)
  })
  return { hits, origin }
})

const lines = (text: string) => text.trimEnd().split("\n")

describe("scraper sitemap", () => {
  it.live("SCR45: an index, gzip and feeds become URLs; a cycle ends", () =>
    Effect.gen(function* () {
      const { hits, origin } = yield* site({
        "/robots.txt": "Sitemap: /index.xml",
        "/index.xml": index("/a.xml.gz", "/a.xml.gz", "/index.xml", "/b.txt", "/feed"),
        "/a.xml.gz": gzipSync(urls("/1", "/2?a=1&b")),
        "/b.txt": "",
        "/feed": "<rss><channel><item><link>/3</link></item></channel></rss>"
      })
      const ended = yield* run("sitemap", origin, "--allow-private")
      assert.deepStrictEqual(lines(ended.stdout), [
        `${origin}/1`,
        `${origin}/2?a=1&b`,
        `${origin}/3`
      ])
      assert.strictEqual(ended.code, 8)
      assert.include(ended.stderr, `failed: ${origin}/b.txt is no sitemap`)
      assert.deepStrictEqual(lines(ended.stderr).slice(-2), [
        "sitemaps 3 | URLs 3 | left out 0 (other site 0, no web page 0) | failed 1",
        "scraper: 1 of 4 sitemaps failed"
      ])
      assert.deepStrictEqual(
        [hits["/index.xml"], hits["/a.xml.gz"], hits["/robots.txt"]],
        [1, 1, 1]
      )
    })
  )

  it.live("SCR45: --json adds when a page changed, and where it was listed", () =>
    Effect.gen(function* () {
      const { origin } = yield* site({ "/sitemap.xml": urls("/1") })
      const ended = yield* run("sitemap", origin, "--allow-private", "--json")
      assert.strictEqual(ended.code, 0)
      assert.deepStrictEqual(JSON.parse(ended.stdout), {
        url: `${origin}/1`,
        lastModified: "2024-05-17T00:00:00.000Z",
        sitemap: `${origin}/sitemap.xml`
      })
    })
  )

  it.live("SCR46: other sites are left out, and an index in an index is refused", () =>
    Effect.gen(function* () {
      const { hits, origin } = yield* site({
        "/i.xml": index("/j.xml", "http://bank.example/x.xml"),
        "/j.xml": index("/k.xml", "/u.xml"),
        "/u.xml": urls("/1", "http://bank.example/", "ftp://x/")
      })
      const ended = yield* run("sitemap", `${origin}/i.xml`, "--allow-private")
      assert.strictEqual(ended.code, 8)
      assert.include(ended.stderr, "j.xml is an index inside of an index")
      assert.include(ended.stderr, "left out 1 (other site 1, no web page 0) | failed 1")
      assert.isUndefined(hits["/k.xml"])
      const single = yield* run("sitemap", `${origin}/u.xml`, "--allow-private")
      assert.deepStrictEqual([single.code, single.stdout], [0, `${origin}/1\n`])
      assert.include(single.stderr, "left out 2 (other site 1, no web page 1)")
    })
  )

  it.live(
    "SCR46: without any sitemap that can be read, the exit code is that of the first failure",
    () =>
      Effect.gen(function* () {
        const { origin } = yield* site({ "/robots.txt": "User-agent: *\nDisallow: /p/" })
        const ask = (path: string) => run("sitemap", origin + path, "--allow-private")
        assert.strictEqual((yield* ask("/")).code, 8)
        assert.strictEqual((yield* ask("/p/s.xml")).code, 10)
        assert.strictEqual((yield* run("sitemap", "http://127.0.0.1:1", "--allow-private")).code, 4)
        assert.strictEqual((yield* run("sitemap", origin)).code, 4)
      })
  )

  it.live("SCR47: a packed sitemap is bounded", () =>
    Effect.gen(function* () {
      const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024, " "))
      const { origin } = yield* site({ "/sitemap.xml": bomb })
      const ended = yield* run("sitemap", origin, "--allow-private")
      assert.strictEqual(ended.code, 8)
      assert.include(ended.stderr, "failed 1")
    })
  )
})
