import { assert, describe, it } from "@effect/vitest"
import { NodeHttpClient } from "@effect/platform-node"
import { SimNet } from "@fibra/testing"
import { Deferred, Effect, Fiber, Layer, Queue } from "effect"
import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { closeSync, mkdtempSync, open, openSync, readFileSync, rmSync } from "node:fs"
import type { ServerResponse } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as zlib from "node:zlib"
import * as Fetcher from "../src/Fetcher.ts"
import * as GuardedLookup from "../src/internal/guardedLookup.ts"
import { startProxy } from "./support/proxy.ts"
import { serve } from "./support/server.ts"

const local = (options?: Fetcher.Options) =>
  Effect.provide(Fetcher.layerNode({ allowPrivate: true, ...options }))
const fetch = (url: URL) => Effect.flatMap(Fetcher.Fetcher, (fetcher) => fetcher.fetch(url))
const text = (fetched: Fetcher.Fetched) => Buffer.from(fetched.body).toString()
const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

describe("Fetcher", () => {
  it.live("HTP1: statuses and redirects come back as they are", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        const status = Number(request.url!.slice(1))
        response.writeHead(status, { location: "/elsewhere" }).end(`status ${status}`)
      })
      for (const status of [200, 301, 404, 500]) {
        const fetched = yield* fetch(server.url(`/${status}`))
        assert.strictEqual(fetched.status, status)
        assert.strictEqual(fetched.headers.location, "/elsewhere")
        assert.strictEqual(text(fetched), `status ${status}`)
      }
    }).pipe(local())
  )

  it.live("HTP2: the server sees the path and query as written", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => response.end(request.url))
      const path = "/a%20b/%C3%A9;x=1?q=a%20b&q=c+d&e=&f"
      assert.strictEqual(text(yield* fetch(server.url(path))), path)
    }).pipe(local())
  )

  const page = "<p>compressed</p>".repeat(100)
  it.live.each([
    ["gzip", zlib.gzipSync(page)],
    ["deflate", zlib.deflateSync(page)],
    ["deflate", zlib.deflateRawSync(page)],
    ["br", zlib.brotliCompressSync(page)],
    ["zstd", zlib.zstdCompressSync(page)],
    ["gzip, br", zlib.brotliCompressSync(zlib.gzipSync(page))],
    ["identity", Buffer.from(page)]
  ] as const)("HTP3: a body sent as %s is decompressed", ([encoding, body]) =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) =>
        response.writeHead(200, { "content-encoding": encoding }).end(body)
      )
      const fetched = yield* fetch(server.url("/"))
      assert.strictEqual(text(fetched), page)
      assert.strictEqual(fetched.bytesSent, body.length)
    }).pipe(local())
  )

  it.live("HTP6: a body that was encoded three times, each of them well, is refused", () =>
    Effect.gen(function* () {
      const body = zlib.gzipSync(zlib.gzipSync(zlib.gzipSync(page)))
      const server = yield* serve((_, response) =>
        response.writeHead(200, { "content-encoding": "gzip, gzip, gzip" }).end(body)
      )
      const error = yield* Effect.flip(fetch(server.url("/")))
      assert(error._tag === "BodyUndecodable")
      assert.match(error.message, /more than 2 nested encodings/)
    }).pipe(local())
  )

  it.live("HTP4: a body past the limit is refused, announced or endless", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* serve((request, response) => {
        if (request.url === "/announced") {
          response.writeHead(200, { "content-length": 2000 }).end("x".repeat(2000))
          return
        }
        const timer = setInterval(() => response.write("x".repeat(100)), 1)
        response.on("close", () => {
          clearInterval(timer)
          Deferred.doneUnsafe(closed, Effect.void)
        })
      })
      for (const path of ["/announced", "/endless"]) {
        const error = yield* Effect.flip(fetch(server.url(path)))
        assert(error._tag === "BodyTooLarge")
        assert.deepStrictEqual([error.stage, error.bodyBytesMax], ["sent", 1000])
      }
      yield* Deferred.await(closed)
    }).pipe(local({ bodyBytesMax: 1000 }))
  )

  it.live("HTP14: with keepTruncated a body is cut at the limit, however it is sent", () =>
    Effect.gen(function* () {
      const page = Array.from({ length: 500 }, (_, i) => `${i}\n`).join("")
      const sent: Record<string, (response: ServerResponse) => void> = {
        "/announced": (response) =>
          response.writeHead(200, { "content-length": page.length }).end(page),
        "/chunked": (response) => {
          for (const line of page.split(/(?<=\n)/)) response.write(line)
          response.end()
        },
        "/gzip": (response) =>
          response.writeHead(200, { "content-encoding": "gzip" }).end(zlib.gzipSync(page)),
        // Both as sent and decompressed it is too long.
        "/gzip-long": (response) => {
          const stored = zlib.gzipSync(page, { level: 0 })
          response.writeHead(200, { "content-encoding": "gzip" }).end(stored)
        },
        "/br": (response) =>
          response.writeHead(200, { "content-encoding": "br" }).end(zlib.brotliCompressSync(page))
      }
      const server = yield* serve((request, response) => sent[request.url!]!(response))
      for (const path of Object.keys(sent)) {
        const { body, bytesSent, truncated } = yield* fetch(server.url(path))
        assert.isTrue(truncated, path)
        assert.isAtLeast(body.length, 900, path)
        assert.isAtMost(body.length, 1000, path)
        assert.isTrue(page.startsWith(Buffer.from(body).toString()), path)
        assert.isAbove(bytesSent, 0)
      }
    }).pipe(local({ bodyBytesMax: 1000, keepTruncated: true }))
  )

  it.live("HTP14: of a body only the first bytes are read if that is asked for", () =>
    Effect.gen(function* () {
      const page = "0123456789".repeat(300)
      const server = yield* serve((_, response) => response.end(page))
      const fetcher = yield* Fetcher.Fetcher
      const first = yield* fetcher.fetch(server.url("/"), undefined, 2000)
      assert.deepStrictEqual([first.body.length, first.truncated], [2000, true])
      const whole = yield* fetcher.fetch(server.url("/"), undefined, 3000)
      assert.deepStrictEqual([whole.body.length, whole.truncated], [3000, false])
      assert.strictEqual((yield* Effect.flip(fetch(server.url("/"))))._tag, "BodyTooLarge")
    }).pipe(local({ bodyBytesMax: 1000 }))
  )

  it.live("HTP14: a body within the limit is whole", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.end("x".repeat(1000)))
      const { body, truncated } = yield* fetch(server.url("/"))
      assert.deepStrictEqual([body.length, truncated], [1000, false])
    }).pipe(local({ bodyBytesMax: 1000, keepTruncated: true }))
  )

  it.live.each([false, true])("HTP5: growth past the ratio is refused, keepTruncated: %s", (keep) =>
    Effect.gen(function* () {
      const bomb = zlib.gzipSync(Buffer.alloc(3_000_000))
      const server = yield* serve((_, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)
      )
      const error = yield* Effect.flip(fetch(server.url("/")))
      assert(error._tag === "BodyTooLarge")
      assert.deepStrictEqual([error.stage, error.ratioMax], ["decompressed", 200])
    }).pipe(local({ keepTruncated: keep }))
  )

  it.live("HTP5: a short text that repeats itself is no bomb", () =>
    Effect.gen(function* () {
      const spaces = zlib.gzipSync(Buffer.alloc(900_000))
      const server = yield* serve((_, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(spaces)
      )
      assert.strictEqual((yield* fetch(server.url("/"))).body.length, 900_000)
    }).pipe(local())
  )

  it.live("HTP5: a gzip bomb is refused at the limit", () =>
    Effect.gen(function* () {
      const bomb = zlib.gzipSync(Buffer.alloc(10_000_000))
      const server = yield* serve((_, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)
      )
      const error = yield* Effect.flip(fetch(server.url("/")))
      assert(error._tag === "BodyTooLarge")
      assert.strictEqual(error.stage, "decompressed")
    }).pipe(local({ bodyBytesMax: 100_000 }))
  )

  it.live.each(["gzip", "compress", "gzip, gzip, gzip"])(
    "HTP6: damage in %s is a typed failure",
    (encoding) =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) =>
          response.writeHead(200, { "content-encoding": encoding }).end("not compressed")
        )
        const error = yield* Effect.flip(fetch(server.url("/")))
        assert.strictEqual(error._tag, "BodyUndecodable")
      }).pipe(local())
  )

  it.live.each(["/silent", "/drip"])("HTP7: %s ends at the time limit", (path) =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* serve((request, response) => {
        request.socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        if (request.url === "/drip") response.write("a little")
      })
      const error = yield* Effect.flip(fetch(server.url(path)))
      assert.strictEqual(error._tag, "FetchTimedOut")
      assert.include(error.message, "50ms")
      yield* Deferred.await(closed)
    }).pipe(local({ timeout: "50 millis" }))
  )

  it.live.each([
    ["headers", "/silent"],
    ["headers", "/interim"],
    ["idle", "/stalls"]
  ] as const)("HTP15: %s has a limit of its own: %s", ([phase, path]) =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* serve((request, response) => {
        request.socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        if (request.url === "/stalls") response.write("a little")
        if (request.url === "/interim") {
          const timer = setInterval(() => response.writeProcessing(), 5)
          request.socket.on("close", () => clearInterval(timer))
        }
      })
      const error = yield* Effect.flip(fetch(server.url(path)))
      assert(error._tag === "FetchTimedOut")
      assert.strictEqual(error.phase, phase)
      yield* Deferred.await(closed)
    }).pipe(local({ headersTimeout: "60 millis", idleTimeout: "60 millis" }))
  )

  it.live("HTP15: while this process stands still no server is slow", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.write("first, ")
        // This process stands still three times as long as a server may be silent.
        setTimeout(() => {
          const end = performance.now() + 750
          while (performance.now() < end);
          setTimeout(() => response.end("last"), 50)
        }, 50)
      })
      const fetched = yield* fetch(server.url("/"))
      assert.strictEqual(text(fetched), "first, last")
    }).pipe(local({ idleTimeout: "250 millis" }))
  )

  it.live("HTP15: a body that waits to be decompressed is no silence", () =>
    Effect.gen(function* () {
      const body = zlib.gzipSync(randomBytes(30_000))
      const server = yield* serve((_, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(body)
      )
      // Each of the four threads that decompress waits for a writer of its pipe.
      const folder = mkdtempSync(join(tmpdir(), "fibra-http-"))
      const pipes = [1, 2, 3, 4].map((name) => join(folder, `${name}`))
      execFileSync("mkfifo", pipes)
      for (const pipe of pipes) open(pipe, "r", (_, file) => closeSync(file))
      const fetching = yield* Effect.forkChild(fetch(server.url("/")))
      yield* Effect.sleep("750 millis")
      for (const pipe of pipes) closeSync(openSync(pipe, "w"))
      const fetched = yield* Fiber.join(fetching)
      rmSync(folder, { recursive: true })
      assert.strictEqual(fetched.body.length, 30_000)
    }).pipe(local({ idleTimeout: "250 millis" }))
  )

  it.live("HTP15: a body that arrives steadily may take longer than the limit on silence", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        let left = 20
        const timer = setInterval(() => {
          response.write("x")
          if (--left > 0) return
          clearInterval(timer)
          response.end()
        }, 10)
      })
      assert.strictEqual((yield* fetch(server.url("/"))).body.length, 20)
    }).pipe(local({ idleTimeout: "150 millis" }))
  )

  it.live("HTP16: an origin has no more connections than it may, and a waiter can leave", () =>
    Effect.gen(function* () {
      const arrived = yield* Queue.unbounded<ServerResponse>()
      let sockets = 0
      const server = yield* serve((request, response) => {
        if (request.socket.bytesWritten === 0) sockets += 1
        Queue.offerUnsafe(arrived, response)
      })
      const fibers = yield* Effect.forEach([1, 2, 3, 4], (i) =>
        Effect.forkChild(fetch(server.url(`/${i}`)), { startImmediately: true })
      )
      const [first, second] = [yield* Queue.take(arrived), yield* Queue.take(arrived)]
      yield* Fiber.interrupt(fibers[2]!)
      first.end("first")
      const last = yield* Queue.take(arrived)
      assert.strictEqual(last.req.url, "/4")
      last.end("last")
      second.end("second")
      const texts = yield* Effect.forEach([0, 1, 3], (i) => Fiber.join(fibers[i]!))
      assert.deepStrictEqual(texts.map(text), ["first", "second", "last"])
      assert.strictEqual(sockets, 2)
    }).pipe(local({ connectionsPerOrigin: 2 }))
  )

  it.live("HTP17: a fetcher on any HttpClient keeps to the same limits", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        if (request.url === "/gzip") {
          response
            .writeHead(404, { "content-encoding": "br" })
            .end(zlib.brotliCompressSync("hello"))
        }
        if (request.url === "/large") response.end("x".repeat(2000))
        if (request.url === "/reset") request.socket.resetAndDestroy()
      })
      const by = (options?: Fetcher.Options) =>
        Effect.provide(
          Layer.provide(
            Fetcher.layer({ allowPrivate: true, bodyBytesMax: 1000, ...options }),
            NodeHttpClient.layerUndici
          )
        )
      const fetched = yield* fetch(server.url("/gzip")).pipe(by())
      assert.deepStrictEqual([fetched.status, text(fetched)], [404, "hello"])
      const limits = [
        ["/large", "BodyTooLarge", {}],
        ["/reset", "TransportFailed", {}],
        ["/silent", "FetchTimedOut", { timeout: "100 millis" }]
      ] as const
      for (const [path, tag, options] of limits) {
        const error = yield* Effect.flip(fetch(server.url(path)).pipe(by(options)))
        assert.strictEqual(error._tag, tag)
      }
    })
  )

  it.live("HTP8: refused and reset connections carry the system's code", () =>
    Effect.gen(function* () {
      const server = yield* serve((request) => request.socket.resetAndDestroy())
      const reset = yield* Effect.flip(fetch(server.url("/")))
      assert(reset._tag === "TransportFailed")
      assert.strictEqual(reset.code, "ECONNRESET")
      server.close()
      const refused = yield* Effect.flip(fetch(server.url("/")))
      assert(refused._tag === "TransportFailed")
      assert.strictEqual(refused.code, "ECONNREFUSED")
    }).pipe(local())
  )

  it.live("HTP9: a self-signed certificate is refused", () =>
    Effect.gen(function* () {
      const server = createServer(
        { key: fixture("self-signed.key"), cert: fixture("self-signed.crt") },
        (_, response) => response.end("secret")
      )
      yield* Effect.callback<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => server.close()))
      const { port } = server.address() as AddressInfo
      const error = yield* Effect.flip(fetch(new URL(`https://localhost:${port}/`)))
      assert(error._tag === "TlsFailed")
      assert.deepStrictEqual(
        [error.code, error.isCertificate],
        ["DEPTH_ZERO_SELF_SIGNED_CERT", true]
      )
    }).pipe(local())
  )

  it.live("HTP9: a server that does not speak TLS is told apart, in plain words", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.end())
      const url = server.url("/")
      url.protocol = "https:"
      const error = yield* Effect.flip(fetch(url))
      assert(error._tag === "TlsFailed")
      assert.isFalse(error.isCertificate)
      assert.strictEqual(
        error.message,
        `${url.href} does not speak TLS as it should: wrong version number`
      )
    }).pipe(local())
  )

  it.live("HTP10: loopback is refused by literal and by name, and nothing reaches it", () =>
    Effect.gen(function* () {
      let hits = 0
      const server = yield* serve((_, response) => {
        hits += 1
        response.end()
      })
      for (const host of ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"]) {
        const error = yield* Effect.flip(fetch(server.url("/", host)))
        assert(error._tag === "AddressRefused", host)
        assert.strictEqual(error.kind, "loopback")
      }
      assert.strictEqual(hits, 0)
    }).pipe(local({ allowPrivate: false }))
  )

  it.live("HTP10: a name that changes its mind is used as it was checked", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.end("hello"))
      const { dns } = yield* SimNet.make({
        hosts: {},
        dns: { "shop.test": [["127.0.0.1"], ["10.0.0.1"]] }
      })
      const fetched = yield* fetch(server.url("/", "shop.test")).pipe(local({ dns }))
      assert.strictEqual(text(fetched), "hello")
      const error = yield* Effect.flip(
        fetch(server.url("/", "shop.test")).pipe(local({ dns, allowPrivate: false }))
      )
      assert(error._tag === "AddressRefused")
      assert.deepStrictEqual([error.host, error.address], ["shop.test", "10.0.0.1"])
    })
  )

  it.live("HTP10: of the addresses of a name only the public ones are used", () =>
    Effect.gen(function* () {
      const { dns } = yield* SimNet.make({
        hosts: {},
        dns: { "mixed.test": [["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111"]] }
      })
      const found = yield* Effect.callback((resume) => {
        const lookup = GuardedLookup.make({ allowPrivate: false, dns })
        lookup("mixed.test", { all: true }, (_, addresses) => resume(Effect.succeed(addresses)))
      })
      assert.deepStrictEqual(found, [
        { address: "1.1.1.1", family: 4 },
        { address: "2606:4700::1111", family: 6 }
      ])
    })
  )

  it.live("HTP8: a name that does not exist carries the system's code", () =>
    Effect.gen(function* () {
      const { dns } = yield* SimNet.make({ hosts: {}, dns: { "none.test": ["NotFound"] } })
      const error = yield* Effect.flip(fetch(new URL("http://none.test/")).pipe(local({ dns })))
      assert(error._tag === "TransportFailed")
      assert.strictEqual(error.code, "ENOTFOUND")
    })
  )

  it.live("HTP12: a fetcher that allows private addresses does not lend that to another", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.end())
      const url = server.url("/", "localhost")
      yield* fetch(url)
      const strict = local({ allowPrivate: false })
      assert.strictEqual((yield* Effect.flip(fetch(url).pipe(strict)))._tag, "AddressRefused")
      assert.strictEqual((yield* fetch(url)).status, 200)
    }).pipe(local())
  )

  it.live("HTP11: interrupting a fetch closes its connection", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const server = yield* serve((request) => {
        request.socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        Deferred.doneUnsafe(arrived, Effect.void)
      })
      const fiber = yield* Effect.forkChild(fetch(server.url("/")))
      yield* Deferred.await(arrived)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(closed)
    }).pipe(local())
  )

  it.live("HTP18: headers go to the URLs that they are for", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        const { accept, "x-key": key } = request.headers
        response.end(JSON.stringify([accept, key ?? null]))
      })
      const headersFor = ({ pathname }: URL) =>
        pathname === "/mine" ? { "X-Key": "secret", Accept: "text/plain" } : undefined
      const told = (path: string, headers?: Record<string, string>) =>
        Fetcher.Fetcher.pipe(
          Effect.flatMap((fetcher) => fetcher.fetch(server.url(path), headers)),
          Effect.map((fetched) => JSON.parse(text(fetched))),
          local({ headersFor })
        )
      assert.deepStrictEqual(yield* told("/mine"), ["text/plain", "secret"])
      assert.deepStrictEqual(yield* told("/mine", { accept: "image/png" }), ["image/png", "secret"])
      const [accept, key] = yield* told("/other")
      assert.deepStrictEqual([accept.startsWith("text/html"), key], [true, null])
    })
  )

  const credentials = `Basic ${Buffer.from("me:s3cret").toString("base64")}`

  it.live("HTP19: http is forwarded by a proxy, which resolves the name", () =>
    Effect.gen(function* () {
      const heard: Array<unknown> = []
      const server = yield* serve((request, response) => {
        heard.push([request.headers.host, request.headers["proxy-authorization"]])
        response.end("through")
      })
      const proxy = yield* startProxy(Number(server.url("/").port))
      yield* Effect.gen(function* () {
        assert.strictEqual(text(yield* fetch(new URL("http://shop.test/a"))), "through")
        assert.strictEqual(text(yield* fetch(new URL("http://other.test/b"))), "through")
        // What is written in the URL is still checked, before the proxy is asked.
        const error = yield* Effect.flip(fetch(new URL("http://169.254.169.254/c")))
        assert.strictEqual(error._tag, "AddressRefused")
      }).pipe(local({ proxy: proxy.url, allowPrivate: false }))
      assert.deepStrictEqual(proxy.log, [
        `GET http://shop.test/a ${credentials}`,
        `GET http://other.test/b ${credentials}`
      ])
      assert.deepStrictEqual(heard, [
        ["shop.test", undefined],
        ["other.test", undefined]
      ])
    })
  )

  it.live("HTP19: https is tunnelled by a proxy, and its certificate is checked", () =>
    Effect.gen(function* () {
      const server = createServer({
        key: fixture("self-signed.key"),
        cert: fixture("self-signed.crt")
      })
      yield* Effect.callback<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => server.close()))
      const proxy = yield* startProxy((server.address() as AddressInfo).port)
      const error = yield* fetch(new URL("https://shop.test/")).pipe(
        Effect.flip,
        local({ proxy: proxy.url })
      )
      assert(error._tag === "TlsFailed")
      assert.strictEqual(error.code, "DEPTH_ZERO_SELF_SIGNED_CERT")
      assert.deepStrictEqual(proxy.log, [`CONNECT shop.test:443 ${credentials}`])
    })
  )

  it.live.each([
    ["http://shop.test/", 407, "PROXY_REFUSED", "wants other credentials"],
    ["https://shop.test/", 407, "PROXY_REFUSED", "wants other credentials"],
    ["https://shop.test/", 403, "PROXY_REFUSED", "answered with 403"],
    ["http://shop.test/", 0, "PROXY_UNREACHABLE", "cannot be reached (ECONNREFUSED)"],
    ["https://shop.test/", 0, "PROXY_UNREACHABLE", "cannot be reached (ECONNREFUSED)"]
  ] as const)("HTP19: %s by a proxy with status %d fails with %s", ([url, status, code, what]) =>
    Effect.gen(function* () {
      const proxy = status === 0 ? undefined : (yield* startProxy(1, status)).url
      const nowhere = new URL("http://me:s3cret@127.0.0.1:1")
      const error = yield* fetch(new URL(url)).pipe(Effect.flip, local({ proxy: proxy ?? nowhere }))
      assert(error._tag === "TransportFailed")
      const { host } = proxy ?? nowhere
      assert.deepStrictEqual(
        [error.code, error.message],
        [code, `${url} cannot be reached: the proxy ${host} ${what}`]
      )
    })
  )

  it.live("HTP20: an answer is kept as it was sent", () =>
    Effect.gen(function* () {
      const body = zlib.gzipSync("hello")
      const head = ["X-Odd", "1", "Set-Cookie", "a=1", "set-cookie", "b=2"]
      const server = yield* serve((_, response) => {
        response.sendDate = false
        response.writeHead(200, "Fine", [...head, "Content-Encoding", "gzip"]).end(body)
      })
      const sentBy = (path: string, options: Fetcher.Options) =>
        fetch(server.url(path)).pipe(local(options))
      const { sent } = yield* sentBy("/", { keepSent: true })
      assert.strictEqual(sent?.statusText, "Fine")
      assert.deepStrictEqual(sent?.headers.slice(0, 4), [
        ["X-Odd", "1"],
        ["Set-Cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["Content-Encoding", "gzip"]
      ])
      assert.deepStrictEqual(Buffer.from(sent!.body), body)
      assert.isUndefined((yield* sentBy("/", {})).sent)
    })
  )
})
