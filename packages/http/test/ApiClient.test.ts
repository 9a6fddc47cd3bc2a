import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Redacted, Schema, Stream } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import type { IncomingMessage, ServerResponse } from "node:http"
import { json as readJson } from "node:stream/consumers"
import * as ApiClient from "../src/ApiClient.ts"
import * as Bearer from "../src/Bearer.ts"
import * as Client from "../src/Client.ts"
import * as Retry from "../src/Retry.ts"
import { serve } from "./support/server.ts"

const User = Schema.Struct({ id: Schema.Number, name: Schema.String })
const NewUser = Schema.Struct({ name: Schema.String, born: Schema.DateTimeUtcFromString })

/** An API on a real server, and a client for it. */
const over = (
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  options?: Partial<ApiClient.Options>
) =>
  Effect.gen(function* () {
    const server = yield* serve(handle)
    const api = yield* ApiClient.make({
      baseUrl: server.url("/v1/"),
      retry: { pause: "1 millis", budget: Retry.makeBudget({ tokensMax: 100 }) },
      ...options
    })
    return { api, server }
  })
const live = Effect.provide(Client.layerNode({ allowPrivate: true }))
const answer = (response: ServerResponse, value: unknown, headers = {}) =>
  response
    .writeHead(200, { "content-type": "application/json", ...headers })
    .end(JSON.stringify(value))

describe("ApiClient", () => {
  it.live("API1: requests and responses have types", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const { api } = yield* over(
        (request, response) => {
          void readJson(request).then((body) => {
            seen.push([request.method, request.url, body, request.headers["x-app"]])
            return answer(response, { id: 7, name: "Ada" })
          })
        },
        { headers: { "x-app": "test" } }
      )
      const born = yield* Schema.decodeEffect(Schema.DateTimeUtcFromString)(
        "1815-12-10T00:00:00.000Z"
      )
      const user = yield* api.send({
        method: "POST",
        path: "/users",
        query: { notify: "a b" },
        body: ApiClient.json(NewUser, { name: "Ada", born }),
        response: User
      })
      assert.deepStrictEqual(user, { id: 7, name: "Ada" })
      const body = { name: "Ada", born: "1815-12-10T00:00:00.000Z" }
      assert.deepStrictEqual(seen, [["POST", "/v1/users?notify=a+b", body, "test"]])
    }).pipe(live)
  )

  it.live("API1: a response of another form is a SchemaError, and no JSON a failure", () =>
    Effect.gen(function* () {
      const { api } = yield* over((request, response) =>
        request.url === "/v1/form" ? answer(response, { id: "7" }) : response.end("<html>")
      )
      const errors = yield* Effect.forEach(["/form", "/html"], (path) =>
        Effect.flip(api.send({ path, response: User }))
      )
      assert.deepStrictEqual(
        errors.map(({ _tag }) => _tag),
        ["SchemaError", "HttpClientError"]
      )
    }).pipe(live)
  )

  it.live("API2: another status fails with what the API says, once retries are used up", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const { api } = yield* over((request, response) => {
        asked.push(request.url!)
        const status = request.url === "/v1/missing" ? 404 : 503
        response.writeHead(status, { "x-id": "9" }).end('{"error":\n"no such user"}')
      })
      const missing = yield* Effect.flip(api.send({ path: "/missing", response: User }))
      assert(missing._tag === "StatusFailed")
      assert.deepStrictEqual([missing.status, missing.headers["x-id"]], [404, "9"])
      assert.match(
        missing.message,
        /^GET http.*\/v1\/missing answered 404: \{"error": "no such user"\}$/
      )
      yield* Effect.flip(api.send({ path: "/down", response: User }))
      yield* Effect.flip(api.send({ method: "POST", path: "/post", response: User }))
      yield* Effect.flip(
        api.send({ method: "POST", path: "/keyed", idempotencyKey: "k", response: User })
      )
      const count = (url: string) => asked.filter((path) => path === url).length
      assert.deepStrictEqual(
        ["/v1/missing", "/v1/down", "/v1/post", "/v1/keyed"].map(count),
        [1, 3, 1, 3]
      )
    }).pipe(live)
  )

  it.effect("API3: the rate limit counts every attempt", () =>
    Effect.gen(function* () {
      const askedAt: Array<number> = []
      const client = HttpClient.make((request) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          askedAt.push(now)
          const status = askedAt.length === 1 ? 503 : 200
          return HttpClientResponse.fromWeb(
            request,
            Response.json({ id: 1, name: "a" }, { status })
          )
        })
      )
      const api = yield* ApiClient.make({
        baseUrl: "http://api.test",
        rateLimit: { limit: 2, window: "10 seconds" },
        retry: { pause: 0 }
      }).pipe(Effect.provideService(HttpClient.HttpClient, client))
      const send = api.send({ path: "/", response: User })
      const all = yield* Effect.forkChild(Effect.all([send, send, send]), {
        startImmediately: true
      })
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(all)
      assert.deepStrictEqual(askedAt, [0, 0, 5_000, 10_000])
    })
  )

  it.effect.each(["99999999", "Fri, 31 Dec 9999 23:59:59 GMT"])(
    "API3: a server that asks to wait until %s does not hold the client",
    (after) =>
      Effect.gen(function* () {
        const headers = {
          "retry-after": after,
          "ratelimit-remaining": "0",
          "ratelimit-reset": "99999999"
        }
        const client = HttpClient.make((request) =>
          Effect.succeed(
            HttpClientResponse.fromWeb(request, new Response(null, { status: 429, headers }))
          )
        )
        const api = yield* ApiClient.make({
          baseUrl: "http://api.test",
          rateLimit: { limit: 10, window: "1 second" }
        }).pipe(Effect.provideService(HttpClient.HttpClient, client))
        const send = Effect.flip(api.send({ path: "/", response: User }))
        const tags = yield* Effect.all([send, send])
        assert.deepStrictEqual(
          tags.map(({ _tag }) => _tag),
          ["StatusFailed", "StatusFailed"]
        )
      })
  )

  it.effect("API4: the circuit opens after failed calls, and one call tries again later", () =>
    Effect.gen(function* () {
      let [asked, status] = [0, 503]
      const client = HttpClient.make((request) =>
        Effect.sync(() => {
          asked += 1
          return HttpClientResponse.fromWeb(
            request,
            Response.json({ id: 1, name: "a" }, { status })
          )
        })
      )
      const api = yield* ApiClient.make({
        baseUrl: "http://api.test",
        retry: { attemptsMax: 1 },
        circuitFailures: 3,
        circuitOpenFor: "10 seconds"
      }).pipe(Effect.provideService(HttpClient.HttpClient, client))
      const send = api.send({ path: "/", response: User })
      const tag = Effect.map(Effect.flip(send), ({ _tag }) => _tag)
      const tags = yield* Effect.all(Array.from({ length: 5 }, () => tag))
      assert.deepStrictEqual(tags.slice(2), [
        "StatusFailed",
        "CircuitBreakerError",
        "CircuitBreakerError"
      ])
      assert.strictEqual(asked, 3)
      status = 200
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* Effect.all([send, send]), [
        { id: 1, name: "a" },
        { id: 1, name: "a" }
      ])
    })
  )

  it.live(
    "API5: a token is sent, renewed when it is refused, and not carried to another origin",
    () =>
      Effect.gen(function* () {
        const elsewhere: Array<string | undefined> = []
        const other = yield* serve((request, response) => {
          elsewhere.push(request.headers.authorization)
          answer(response, { id: 2, name: "other" })
        })
        let issued = 0
        const bearer = yield* Bearer.make({
          fetch: Effect.sync(() => ({ value: Redacted.make(`t${++issued}`) }))
        })
        const { api } = yield* over(
          (request, response) => {
            if (request.headers.authorization !== "Bearer t2") return response.writeHead(401).end()
            if (request.url === "/v1/away")
              return response.writeHead(302, { location: other.url("/").href }).end()
            answer(response, { id: 1, name: "here" })
          },
          { bearer }
        )
        assert.strictEqual((yield* api.send({ path: "/", response: User })).name, "here")
        assert.strictEqual((yield* api.send({ path: "/away", response: User })).name, "other")
        assert.deepStrictEqual([issued, elsewhere], [2, [undefined]])
      }).pipe(live)
  )

  const Page = Schema.Struct({ users: Schema.Array(User), next: Schema.NullOr(Schema.String) })
  const users = (n: number) => [2 * n, 2 * n + 1].map((id) => ({ id, name: `u${id}` }))

  it.live("API6: a list is a stream over its pages, by the Link header", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const { api } = yield* over((request, response) => {
        asked.push(request.url!)
        const n = Number(new URL(request.url!, "http://x").searchParams.get("page"))
        const link = `</v1/users?page=0>; rel="first prev", <?page=${n + 1}>; title="a, b"; rel="next"`
        answer(response, users(n), n < 2 ? { link } : {})
      })
      const call = { path: "/users", query: { page: 0 }, response: Schema.Array(User) }
      const all = api.pages(call, { items: (page) => page })
      const ids = yield* Stream.runCollect(Stream.map(all, ({ id }) => id))
      assert.deepStrictEqual(ids, [0, 1, 2, 3, 4, 5])
      assert.deepStrictEqual(asked, ["/v1/users?page=0", "/v1/users?page=1", "/v1/users?page=2"])
      yield* Stream.runDrain(Stream.take(all, 2))
      assert.lengthOf(asked, 4)
    }).pipe(live)
  )

  it.live.each([
    ["/v1/users?page=0", "loop"],
    ["http://elsewhere.test/users", "otherOrigin"],
    ["http://", "otherOrigin"]
  ] as const)("API7: a next page of %s ends the list: %s", ([next, reason]) =>
    Effect.gen(function* () {
      const { api } = yield* over((_, response) => answer(response, { users: users(0), next }))
      const all = api.pages(
        { path: "/users?page=0", response: Page },
        { items: (page) => page.users, next: (page) => page.next ?? undefined }
      )
      const error = yield* Effect.flip(Stream.runDrain(all))
      assert(error._tag === "PagesFailed")
      assert.strictEqual(error.reason, reason)
    }).pipe(live)
  )

  it.live("API7: a list has a bound", () =>
    Effect.gen(function* () {
      let n = 0
      const { api } = yield* over((_, response) =>
        answer(response, { users: users(n), next: `?page=${++n}` })
      )
      const all = api.pages(
        { path: "/users", response: Page },
        { items: (page) => page.users, next: (page) => page.next ?? undefined, pagesMax: 3 }
      )
      const error = yield* Effect.flip(Stream.runDrain(all))
      assert(error._tag === "PagesFailed")
      assert.deepStrictEqual([error.reason, n], ["tooMany", 3])
    }).pipe(live)
  )

  it("API8: values cannot change a path", () => {
    assert.strictEqual(
      ApiClient.path`/users/${"a/../b?c#d"}/x/${7}`,
      "/users/a%2F..%2Fb%3Fc%23d/x/7"
    )
    assert.strictEqual(ApiClient.path`/users`, "/users")
    for (const part of ["", ".", ".."]) {
      assert.throws(() => ApiClient.path`/users/${part}`, ApiClient.PathPartInvalid)
    }
  })
})
