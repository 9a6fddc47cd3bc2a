import { once } from "node:events"
import * as http from "node:http"
import * as net from "node:net"
import * as zlib from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Books from "../src/Books.ts"
import * as Site from "../src/Site.ts"
import { extract, walk } from "./walk.ts"

const setup = Effect.gen(function* () {
  const site = yield* Site.serve({ port: 0, books: 80, seed: 1 })
  const books = Books.make({ seed: 1, count: 80 })
  const delivered = (delivery: Books.Delivery) =>
    books.allowed.find((book) => book.delivery === delivery)!
  const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    rawRequest(new URL(path, site.url), headers, method)
  return { site, books, delivered, get }
})

/** A request whose answer is neither decompressed nor followed. */
const rawRequest = (url: URL, headers: Record<string, string>, method: string) =>
  Effect.callback<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resume) => {
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () => {
        const { headers, statusCode: status = 0 } = response
        resume(Effect.succeed({ status, headers, body: Buffer.concat(chunks) }))
      })
    })
    request.on("error", (error) => resume(Effect.die(error)))
    request.end()
  })

const sorted = <A extends { readonly path: string }>(rows: Iterable<A>) =>
  [...rows].toSorted((a, b) => (a.path < b.path ? -1 : 1))

describe("Site", () => {
  it.live("a walk from the home page finds exactly what the truth says", () =>
    Effect.gen(function* () {
      const { site } = yield* setup
      const { truth } = site
      const visits = yield* walk(site.url)
      const bookPaths = new Set(truth.books.map((book) => book.path))
      const bookVisits = [...visits.values()].filter((visit) => bookPaths.has(visit.path))
      assert.deepStrictEqual(sorted(bookVisits.map(extract)), sorted(truth.books))

      const known = [truth.pages, truth.files, truth.nofollow].flat()
      const errors = truth.failing.map((page) => page.path)
      const redirects = truth.redirects.map((redirect) => redirect.from)
      const others = [...visits.keys()].filter((path) => !bookPaths.has(path))
      for (const path of [...known, ...errors]) assert.isTrue(visits.has(path), path)
      const expected = new Set([...known, ...errors, ...redirects])
      for (const path of others) assert.isTrue(expected.has(path), path)

      const linked = new Set([...visits.values()].flatMap((visit) => visit.targets))
      for (const path of truth.disallowed) assert.isTrue(linked.has(path), path)
      for (const path of truth.ghosts) assert.isFalse(linked.has(path), path)

      const stats = yield* site.log.stats
      assert.strictEqual(stats.requests, visits.size)
      assert.strictEqual(stats.disallowedHits, 0)
      assert.deepStrictEqual(stats.repeated, {})
      assert.isAbove(stats.activeMax, 1)
      assert.isAtMost(stats.activeMax, 8)
    }).pipe(Effect.scoped)
  )

  it.live("each special road is the only one to its book", () =>
    Effect.gen(function* () {
      const { books, site } = yield* setup
      const visits = yield* walk(site.url)
      const roads = {
        brokenHtml: "/shelves/odds-and-ends.html",
        redirect: "/moved/second",
        allowRule: "/private/press/",
        baseHref: "/shelves/staff-picks.html"
      } as const
      for (const [entrance, road] of Object.entries(roads)) {
        const { path } = books.behind(entrance as keyof typeof roads)
        const from = [...visits.values()].filter((visit) => visit.targets.includes(path))
        assert.deepStrictEqual(
          from.map((visit) => visit.path).filter((other) => other !== path),
          [road]
        )
      }
    }).pipe(Effect.scoped)
  )

  it.live.each([
    ["gzip", zlib.gunzipSync],
    ["deflate", zlib.inflateSync],
    ["br", zlib.brotliDecompressSync]
  ] as const)("a page in %s is compressed for a client that accepts it only", ([encoding, undo]) =>
    Effect.gen(function* () {
      const { delivered, get } = yield* setup
      const { path } = delivered(encoding)
      const plain = yield* get(path)
      assert.isUndefined(plain.headers["content-encoding"])
      const refused = yield* get(path, { "accept-encoding": `${encoding};q=0, identity` })
      assert.deepStrictEqual(refused.body, plain.body)
      const packed = yield* get(path, { "accept-encoding": `x, ${encoding};q=0.5` })
      assert.strictEqual(packed.headers["content-encoding"], encoding)
      assert.strictEqual(packed.headers.vary, "accept-encoding")
      assert.deepStrictEqual(undo(packed.body), plain.body)
    }).pipe(Effect.scoped)
  )

  it.live("charsets are told by header, by meta and by a byte order mark", () =>
    Effect.gen(function* () {
      const { delivered, get } = yield* setup
      const read = (delivery: Books.Delivery) => get(delivered(delivery).path)
      const byHeader = yield* read("latin1")
      assert.strictEqual(byHeader.headers["content-type"], "text/html; charset=iso-8859-1")
      const title = Buffer.from(delivered("latin1").title.split(" ")[0]!, "latin1")
      assert.isTrue(byHeader.body.includes(title))
      const byMeta = yield* read("metaCharset")
      assert.strictEqual(byMeta.headers["content-type"], "text/html")
      assert.isTrue(byMeta.body.includes("charset=iso-8859-1"))
      const byMark = yield* read("byteOrderMark")
      assert.strictEqual(byMark.headers["content-type"], "text/html")
      assert.deepStrictEqual([...byMark.body.subarray(0, 3)], [0xef, 0xbb, 0xbf])
    }).pipe(Effect.scoped)
  )

  it.live("redirects and errors answer as the truth says", () =>
    Effect.gen(function* () {
      const { get, site } = yield* setup
      const { origin } = site.truth
      for (const { from, status, to } of site.truth.redirects) {
        const answer = yield* get(from)
        assert.strictEqual(answer.status, status)
        const url = new URL(answer.headers.location ?? "", origin + from)
        assert.strictEqual(url.href, new URL(to, origin).href)
      }
      for (const { path, status } of site.truth.failing) {
        assert.strictEqual((yield* get(path)).status, status)
      }
      assert.strictEqual((yield* get("/no/such/page")).status, 404)
      assert.strictEqual((yield* get("/", {}, "POST")).status, 404)
      assert.strictEqual((yield* get("/%zz")).status, 404)
    }).pipe(Effect.scoped)
  )

  it.live("the slow page is in progress while others are answered", () =>
    Effect.gen(function* () {
      const { delivered, get, site } = yield* setup
      const { path } = delivered("slow")
      yield* Effect.all([get(path), get("/")], { concurrency: 2 })
      const [first, second] = yield* site.log.entries
      assert.deepStrictEqual([first!.path, second!.path], ["/", path])
      assert.isAtLeast(second!.durationMillis, 1500)
    }).pipe(Effect.scoped)
  )

  it.live("HEAD gives the headers of GET without the body", () =>
    Effect.gen(function* () {
      const { get } = yield* setup
      const [whole, head] = [yield* get("/"), yield* get("/", {}, "HEAD")]
      assert.strictEqual(head.body.length, 0)
      assert.strictEqual(head.headers["content-length"], whole.headers["content-length"])
    }).pipe(Effect.scoped)
  )

  it.live("every form of a URL is answered by the same page", () =>
    Effect.gen(function* () {
      const { books, get } = yield* setup
      const { path } = books.listed.find((book) => book.path.includes("%"))!
      const plain = yield* get(path)
      const lower = path.replaceAll(/%../g, (escape) => escape.toLowerCase())
      for (const form of [lower, `${path}?utm_source=x`, path.replaceAll("-", "%2D")]) {
        assert.deepStrictEqual((yield* get(form)).body, plain.body)
      }
    }).pipe(Effect.scoped)
  )

  it.live("the truth, the log and the statistics are served, and not logged", () =>
    Effect.gen(function* () {
      const { get, site } = yield* setup
      yield* get("/")
      const json = Effect.fnUntraced(function* (path: string) {
        return JSON.parse((yield* get(path)).body.toString()) as unknown
      })
      assert.deepStrictEqual(yield* json("/__truth.json"), site.truth)
      assert.deepStrictEqual(yield* json("/__log.json"), yield* site.log.entries)
      assert.deepStrictEqual(yield* json("/__stats.json"), yield* site.log.stats)
      assert.strictEqual((yield* site.log.stats).requests, 1)
    }).pipe(Effect.scoped)
  )

  it.live("a client that keeps half a request open does not keep the site from closing", () =>
    Effect.gen(function* () {
      const client = new net.Socket()
      const closed = once(client, "close")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { site } = yield* setup
          client.connect(Number(new URL(site.url).port), "127.0.0.1")
          yield* Effect.promise(() => once(client, "connect"))
          client.write("GET / HTTP/1.1\r\nHost: x\r\n")
        })
      )
      yield* Effect.promise(() => closed)
    })
  )

  it.live("a taken port is a typed failure", () =>
    Effect.gen(function* () {
      const { site } = yield* setup
      const port = Number(new URL(site.url).port)
      const error = yield* Effect.flip(Site.serve({ port, books: 40, seed: 1 }))
      assert.strictEqual(error._tag, "ListenError")
      assert.include(error.message, `Port ${port} of 127.0.0.1 is taken`)
    }).pipe(Effect.scoped)
  )
})
