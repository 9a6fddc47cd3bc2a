import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import * as SimNet from "../src/SimNet.ts"

const text = (body: string) => () => Effect.succeed(HttpServerResponse.text(body))

describe("SimNet", () => {
  it.effect("NET1: a request is answered by the handler of its host, on any port", () =>
    Effect.gen(function* () {
      const net = yield* SimNet.make({
        hosts: {
          "a.test": {
            handler: ({ headers, method, url }) =>
              Effect.succeed(HttpServerResponse.text(`${method} ${headers["host"]} ${url}`))
          },
          "b.test:8080": { handler: text("b") }
        }
      })
      const a = yield* net.client.get("http://a.test:81/x?y=1#z")
      assert.strictEqual(yield* a.text, "GET a.test:81 /x?y=1")
      assert.strictEqual(a.url, "http://a.test:81/x?y=1")
      const b = yield* net.client.get("http://b.test:8080/")
      assert.strictEqual(yield* b.text, "b")
      const refused = yield* Effect.flip(net.client.get("http://b.test/"))
      assert.strictEqual(refused.reason._tag, "TransportError")
      const report = yield* net.report("a.test")
      assert.strictEqual(report.answered, 1)
    })
  )
  it.effect("NET2: a drip delivers the body in pieces", () =>
    Effect.gen(function* () {
      const net = yield* SimNet.make({
        hosts: {
          "a.test": { handler: text("abcdef"), faults: { drip: { bytes: { min: 1, max: 3 } } } }
        }
      })
      const a = yield* net.client.get("http://a.test:81/x?y=1#z")
      const pieces = yield* Stream.runCollect(a.stream)
      assert.isAbove(pieces.length, 1)
    })
  )
})
