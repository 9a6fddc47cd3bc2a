// The same scenario on the simulated network and on Node's sockets, with Effect's undici client.
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Cause, Effect, Exit, Layer, Stream } from "effect"
import {
  HttpClient,
  type HttpClientResponse,
  HttpServer,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { createServer as createHttpServer } from "node:http"
import { type AddressInfo, createServer, type Socket } from "node:net"
import * as SimNet from "../src/SimNet.ts"

/** What a program can see of an error. */
const errorOf = (exit: Exit.Exit<unknown, unknown>) => {
  if (Exit.isSuccess(exit)) return undefined
  const error = Cause.squash(exit.cause)
  if (!(error instanceof Error) || !("reason" in error)) return String(error)
  const { reason } = error
  if (!(reason instanceof Error) || !("_tag" in reason)) return String(error)
  const { cause } = reason
  if (!(cause instanceof Error)) return String(cause)
  const get = (key: string): unknown => Reflect.get(cause, key)
  const message = cause.message.replace(/127\.0\.0\.1:\d+/, "ADDRESS")
  return [reason._tag, cause.name, get("code"), get("syscall"), message]
}

const visibleHeaders = ({ headers }: HttpClientResponse.HttpClientResponse) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !["date", "connection", "keep-alive"].includes(name))
  )

/** All that a program can see of a request: the head, the body up to its end, and further reads. */
const look = Effect.fnUntraced(function* (url: string, method: "get" | "head" = "get") {
  const client = yield* HttpClient.HttpClient
  const head = yield* Effect.exit(client[method](url))
  if (Exit.isFailure(head)) return { error: errorOf(head) }
  const response = head.value
  let body = ""
  const decoder = new TextDecoder()
  const reading = Stream.runForEach(response.stream, (chunk) =>
    Effect.sync(() => (body += decoder.decode(chunk)))
  )
  const end = yield* Effect.exit(reading)
  const again = yield* Effect.exit(Stream.runCollect(response.stream))
  const text = yield* Effect.exit(response.text)
  return {
    status: response.status,
    headers: visibleHeaders(response),
    cookies: response.cookies.cookies,
    body,
    end: errorOf(end),
    again: Exit.isSuccess(again) ? again.value : errorOf(again),
    text: Exit.isSuccess(text) ? text.value : errorOf(text)
  }
})

/** A server that does with the socket of the first request what it is told. */
const rawServer = (behave: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.callback<AddressInfo & { readonly close: () => void }>((resume) => {
      const server = createServer((socket) => {
        socket.on("error", () => {})
        socket.once("data", () => behave(socket))
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        if (typeof address === "string" || address === null) throw new Error("no address")
        resume(Effect.succeed({ ...address, close: () => server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"
const afterAFlush = (socket: Socket, text: string, then: () => void) =>
  socket.write(text, () => setTimeout(then, 20))

const handler = () =>
  Effect.succeed(HttpServerResponse.text("abcdef", { contentType: "text/plain" }))
const chunked = () =>
  Effect.succeed(
    HttpServerResponse.stream(Stream.encodeText(Stream.make("abc", "def")), {
      contentType: "text/plain"
    })
  )

interface Scenario {
  readonly name: string
  readonly faults: SimNet.Fault
  readonly handler?: SimNet.Host["handler"]
  readonly real: (socket: Socket) => void
}

const scenarios: ReadonlyArray<Scenario> = [
  { name: "reset before the head", faults: { head: "reset" }, real: (s) => s.resetAndDestroy() },
  { name: "close before the head", faults: { head: "close" }, real: (s) => s.end() },
  { name: "no HTTP at all", faults: { head: "garbage" }, real: (s) => s.end("SSH-2.0-x\r\n") },
  {
    name: "reset in the body",
    faults: { body: "reset", afterBytes: 3 },
    real: (s) => afterAFlush(s, `${head}content-length: 6\r\n\r\nabc`, () => s.resetAndDestroy())
  },
  {
    name: "close in the body",
    faults: { body: "close", afterBytes: 3 },
    real: (s) => s.end(`${head}content-length: 6\r\n\r\nabc`)
  },
  {
    name: "close in a chunked body",
    faults: { body: "close", afterBytes: 3 },
    handler: chunked,
    real: (s) => s.end(`${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`)
  },
  {
    name: "close of a chunked body whose end is missing",
    faults: { body: "close", afterBytes: 100 },
    handler: chunked,
    real: (s) => s.end(`${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n`)
  },
  {
    name: "a bad chunk",
    faults: { body: "garbage", afterBytes: 3 },
    handler: chunked,
    real: (s) => s.end(`${head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`)
  },
  {
    name: "a content-length that is too large",
    faults: { contentLength: 10 },
    real: (s) => s.end(`${head}content-length: 10\r\n\r\nabcdef`)
  },
  {
    name: "a content-length that is too small",
    faults: { contentLength: 2 },
    real: (s) => s.end(`${head}content-length: 2\r\n\r\nabcdef`)
  },
  {
    name: "an answer without a fault, sent byte by byte",
    faults: { drip: { bytes: 1 } },
    real: (s) => {
      s.setNoDelay(true)
      for (const part of `${head}content-length: 6\r\n\r\nabcdef`) s.write(part)
    }
  }
]

describe("SimNet", () => {
  it.live.each(scenarios)("NET3: $name looks as on a socket", ({ handler: own, ...scenario }) =>
    Effect.gen(function* () {
      const { port } = yield* rawServer(scenario.real)
      const real = yield* Effect.provide(
        look(`http://127.0.0.1:${port}/`),
        NodeHttpClient.layerUndici
      )
      const host = { handler: own ?? handler, faults: scenario.faults }
      const simulated = yield* Effect.provide(
        look(`http://127.0.0.1:${port}/`),
        SimNet.layer({ hosts: { "127.0.0.1": host } })
      )
      assert.deepStrictEqual(simulated, real)
    })
  )

  it.live("NET3: a port where nobody listens looks as on a socket", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(rawServer(() => {}))
      const url = `http://127.0.0.1:${port}/`
      const real = yield* Effect.provide(look(url), NodeHttpClient.layerUndici)
      for (const hosts of [{}, { "127.0.0.1": { faults: { connect: "refuse" as const } } }]) {
        const simulated = yield* Effect.provide(look(url), SimNet.layer({ hosts }))
        assert.deepStrictEqual(simulated, real)
      }
    })
  )

  it.live("NET3: a name that cannot exist looks as with the system's resolver", () =>
    Effect.gen(function* () {
      // Longer than a label may be: the resolver refuses it without asking anybody.
      const url = `http://${"a".repeat(64)}.test/`
      const real = yield* Effect.provide(look(url), NodeHttpClient.layerUndici)
      const simulated = yield* Effect.provide(look(url), SimNet.layer({ hosts: {} }))
      assert.deepStrictEqual(simulated, real)
    })
  )

  const answers: Readonly<Record<string, () => HttpServerResponse.HttpServerResponse>> = {
    "/text": () => HttpServerResponse.text("hällo"),
    "/json": () => HttpServerResponse.jsonUnsafe({ a: [1] }),
    "/empty": () => HttpServerResponse.empty(),
    "/missing": () => HttpServerResponse.text("no", { status: 404 }),
    "/moved": () => HttpServerResponse.redirect("/text"),
    "/stream": () => HttpServerResponse.stream(Stream.encodeText(Stream.make("a", "b"))),
    "/broken": () =>
      HttpServerResponse.stream(
        Stream.concat(
          Stream.encodeText(Stream.make("a")),
          // Not before the server has sent the head.
          Stream.fromEffect(Effect.andThen(Effect.sleep(20), Effect.fail("disk")))
        )
      ),
    "/cookies": () =>
      HttpServerResponse.empty({ status: 200 }).pipe(
        HttpServerResponse.setCookieUnsafe("a", "1"),
        HttpServerResponse.setCookieUnsafe("b", "2", { path: "/" })
      )
  }
  const app = (url: string) => (answers[url] ?? (() => HttpServerResponse.empty({ status: 500 })))()

  it.live("NET4: an answer of a handler looks as from Effect's server on a socket", () =>
    Effect.gen(function* () {
      const real = yield* HttpServer.HttpServer.pipe(
        Effect.tap((server) =>
          server.serve(Effect.map(HttpServerRequest.HttpServerRequest, ({ url }) => app(url)))
        ),
        Effect.flatMap(({ address }) =>
          lookAtAll(`http://127.0.0.1:${"port" in address ? address.port : 0}`)
        ),
        Effect.provide(
          Layer.merge(
            NodeHttpServer.layer(() => createHttpServer(), { port: 0, host: "127.0.0.1" }),
            NodeHttpClient.layerUndici
          )
        )
      )
      const host: SimNet.Host = { handler: ({ url }) => Effect.sync(() => app(url)) }
      const simulated = yield* Effect.provide(
        lookAtAll("http://127.0.0.1:80"),
        SimNet.layer({ hosts: { "127.0.0.1": host } })
      )
      assert.deepStrictEqual(simulated, real)
    })
  )

  const lookAtAll = (origin: string) =>
    Effect.forEach(Object.keys(answers), (path) =>
      Effect.all([Effect.succeed(path), look(origin + path), look(origin + path, "head")])
    )
})
