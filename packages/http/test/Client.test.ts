import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schema, Stream } from "effect"
import { Cookies, HttpBody, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import type { IncomingMessage } from "node:http"
import { text as readText } from "node:stream/consumers"
import * as zlib from "node:zlib"
import * as Client from "../src/Client.ts"
import type * as Fetcher from "../src/Fetcher.ts"
import { serve } from "./support/server.ts"

const local = (options?: Fetcher.Options) =>
  Effect.provide(Layer.fresh(Client.layerNode({ allowPrivate: true, ...options })))

/** Answers with what it was sent. */
const echo = serve((request, response) => {
  const { headers, method, url } = request as IncomingMessage
  void readText(request).then((body) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ method, url, headers, body }))
  )
})

const Echo = Schema.Struct({
  method: Schema.String,
  url: Schema.String,
  headers: Schema.Record(Schema.String, Schema.String),
  body: Schema.String
})
const send = (request: HttpClientRequest.HttpClientRequest) =>
  HttpClient.execute(request).pipe(Effect.flatMap(HttpClientResponse.schemaBodyJson(Echo)))

const form = new FormData()
form.set("name", "Ada")

describe("Client", () => {
  it.live.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const)(
    "CLI1: %s is sent as it is",
    (method) =>
      Effect.gen(function* () {
        const server = yield* echo
        const seen = yield* send(
          HttpClientRequest.make(method)(server.url("/a?b=c").href, { headers: { "x-key": "7" } })
        )
        assert.deepInclude(seen, { method, url: "/a?b=c", body: "" })
        assert.deepInclude(seen.headers, { "x-key": "7", "user-agent": "fibra" })
      }).pipe(local())
  )

  it.live.each([
    ["text", HttpBody.text("hello"), /^hello$/, /^text\/plain/],
    ["json", HttpBody.jsonUnsafe({ a: 1 }), /^\{"a":1\}$/, /^application\/json/],
    ["form", HttpBody.formData(form), /name="name"\s+Ada/, /^multipart\/form-data; boundary=/],
    ["raw", HttpBody.raw("raw"), /^raw$/, /./],
    ["stream", HttpBody.stream(Stream.make(Buffer.from("a"), Buffer.from("b"))), /^ab$/, /./]
  ] as const)("CLI1: a body of %s arrives with its type", ([, body, content, type]) =>
    Effect.gen(function* () {
      const server = yield* echo
      const seen = yield* send(HttpClientRequest.post(server.url("/"), { body }))
      assert.match(seen.body, content)
      assert.match(seen.headers["content-type"]!, type)
    }).pipe(local())
  )

  it.live("CLI2: a response has status, headers, cookies and a decoded body", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) =>
        response
          .writeHead(404, {
            "content-encoding": "gzip",
            "set-cookie": ["a=1; Path=/", "b=2; Expires=Fri, 06 Nov 2099 08:49:37 GMT"],
            "x-page": "7"
          })
          .end(zlib.gzipSync("not here"))
      )
      const response = yield* HttpClient.get(server.url("/"))
      assert.strictEqual(response.status, 404)
      assert.strictEqual(yield* response.text, "not here")
      assert.strictEqual(response.headers["x-page"], "7")
      assert.doesNotHaveAnyKeys(response.headers, ["content-encoding", "content-length"])
      assert.deepStrictEqual(Cookies.toRecord(response.cookies), { a: "1", b: "2" })
    }).pipe(local())
  )

  it.live(
    "CLI2: a body can be read as text of any charset, JSON, a form, bytes and a stream, and again",
    () =>
      Effect.gen(function* () {
        const sent: Record<string, readonly [type: string, body: string | Buffer]> = {
          "/text": ["text/plain; charset=iso-8859-1", Buffer.from("caf\xe9", "latin1")],
          "/json": ["application/json", '{"a":1}'],
          "/empty": ["application/json", ""],
          "/params": ["application/x-www-form-urlencoded", "a=1&b=%20"],
          "/form": [
            "multipart/form-data; boundary=b",
            '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'
          ]
        }
        const server = yield* serve((request, response) => {
          const [type, body] = sent[request.url!]!
          response.writeHead(200, { "content-type": type }).end(body)
        })
        const get = (path: string) => HttpClient.get(server.url(path))
        const text = yield* get("/text")
        assert.deepStrictEqual([yield* text.text, yield* text.text], ["café", "café"])
        assert.strictEqual((yield* text.arrayBuffer).byteLength, 4)
        const pieces = yield* Stream.runCollect(text.stream)
        assert.deepStrictEqual(
          pieces.map(({ length }) => length),
          [4]
        )
        assert.deepStrictEqual(yield* (yield* get("/json")).json, { a: 1 })
        assert.isNull(yield* (yield* get("/empty")).json)
        assert.deepStrictEqual((yield* (yield* get("/params")).urlParamsBody).params, [
          ["a", "1"],
          ["b", " "]
        ])
        assert.strictEqual((yield* (yield* get("/form")).formData).get("a"), "1")
        const wrong = yield* Effect.flip(text.json)
        assert.strictEqual(wrong.reason._tag, "DecodeError")
      }).pipe(local())
  )

  it.live.each([204, 205, 304, 301, 500])("CLI2: %d is a response", (status) =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => response.writeHead(status).end())
      assert.strictEqual((yield* HttpClient.get(server.url("/"))).status, status)
    }).pipe(local())
  )

  it.live("CLI3: the limits of a fetcher hold, and their error is the cause", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* serve((request, response) => {
        if (request.url === "/large") return response.end("x".repeat(2000))
        if (request.url === "/reset") return request.socket.resetAndDestroy()
        request.socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
      })
      const causeOf = (request: HttpClientRequest.HttpClientRequest) =>
        Effect.map(Effect.flip(HttpClient.execute(request)), ({ reason }) => {
          assert(reason._tag === "TransportError")
          return (reason.cause as { readonly _tag: string })._tag
        })
      for (const [path, tag] of [
        ["/large", "BodyTooLarge"],
        ["/reset", "TransportFailed"],
        ["/silent", "FetchTimedOut"]
      ] as const) {
        assert.strictEqual(yield* causeOf(HttpClientRequest.get(server.url(path))), tag)
      }
      yield* Deferred.await(closed)
      const endless = HttpBody.stream(Stream.forever(Stream.make(new Uint8Array(100))))
      const upload = HttpClientRequest.post(server.url("/"), { body: endless })
      assert.strictEqual(yield* causeOf(upload), "BodyTooLarge")
    }).pipe(local({ bodyBytesMax: 1000, timeout: "100 millis" }))
  )

  it.live("CLI3: a private address is refused", () =>
    Effect.gen(function* () {
      const server = yield* echo
      const { reason } = yield* Effect.flip(HttpClient.get(server.url("/", "localhost")))
      assert.strictEqual((reason.cause as { readonly _tag: string })._tag, "AddressRefused")
    }).pipe(local({ allowPrivate: false }))
  )

  it.live("CLI4: interrupting a request closes its connection", () =>
    Effect.gen(function* () {
      const [arrived, closed] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const server = yield* serve((request) => {
        request.socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
        Deferred.doneUnsafe(arrived, Effect.void)
      })
      const fiber = yield* Effect.forkChild(HttpClient.get(server.url("/")))
      yield* Deferred.await(arrived)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(closed)
    }).pipe(local())
  )
})
