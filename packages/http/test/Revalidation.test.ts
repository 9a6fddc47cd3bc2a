import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fetcher from "../src/Fetcher.ts"
import { conditionalHeaders, freshnessOf, validatorsOf } from "../src/Revalidation.ts"
import { serve } from "./support/server.ts"

const receivedAt = Date.UTC(2026, 10, 6, 8, 0, 0)
const freshFor = (headers: Record<string, string>, status = 200) =>
  (freshnessOf({ status, headers }, receivedAt).freshUntilMillis - receivedAt) / 1000

describe("Revalidation", () => {
  it.live.each(["etag", "last-modified"] as const)(
    "REV1: an unchanged page with %s costs no body",
    (name) =>
      Effect.gen(function* () {
        const version = { etag: 'W/"7"', "last-modified": "Fri, 06 Nov 2026 08:49:37 GMT" }[name]
        const asks = { etag: "if-none-match", "last-modified": "if-modified-since" }[name]
        const server = yield* serve((request, response) => {
          if (request.headers[asks] === version) return response.writeHead(304).end()
          response.writeHead(200, { [name]: version }).end("page")
        })
        const fetcher = yield* Fetcher.Fetcher
        const first = yield* fetcher.fetch(server.url("/"))
        const validators = validatorsOf(first.headers)!
        const again = yield* fetcher.fetch(server.url("/"), conditionalHeaders(validators))
        assert.deepStrictEqual([first.status, again.status, again.bytesSent], [200, 304, 0])
        assert.isUndefined(validatorsOf({ "content-type": "text/html" }))
      }).pipe(Effect.provide(Fetcher.layerNode({ allowPrivate: true })))
  )

  it.each([
    [{ "cache-control": "max-age=60" }, 60],
    [{ "cache-control": "private, max-age=60" }, 60],
    [{ "cache-control": "max-age=60", age: "20" }, 40],
    [{ "cache-control": "max-age=60", age: "-20" }, 60],
    [{ "cache-control": "no-cache, max-age=60" }, 0],
    [{ "cache-control": "max-age=60", vary: "*" }, 0],
    [{ date: "Fri, 06 Nov 2026 07:00:00 GMT", expires: "Fri, 06 Nov 2026 07:01:00 GMT" }, 60],
    [{ expires: "0" }, 0],
    [{ "last-modified": "Fri, 06 Nov 2026 07:50:00 GMT" }, 60],
    [{}, 0]
  ] as const)("REV2: %j is fresh for %d seconds", (headers, seconds) => {
    assert.strictEqual(freshFor(headers), seconds)
  })

  it("REV3: no-store is not to be kept", () => {
    const isStorable = (value: string) =>
      freshnessOf({ status: 200, headers: { "cache-control": value } }, receivedAt).isStorable
    assert.deepStrictEqual(["no-store", "private", "max-age=0"].map(isStorable), [
      false,
      true,
      true
    ])
  })
})
