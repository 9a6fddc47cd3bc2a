import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { readFileSync } from "node:fs"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import * as zlib from "node:zlib"
import * as Fetcher from "../src/Fetcher.ts"
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
})
