import { assert, describe, it } from "@effect/vitest"
import { Data, Deferred, Effect, Exit, Fiber, Redacted, Scope } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import * as Bearer from "../src/Bearer.ts"

class Down extends Data.TaggedError("Down")<{ readonly message: string }> {}

/** Counts the tokens that it gives out; `gate` holds them back. */
const issuer = (options?: {
  readonly expiresIn?: Bearer.Token["expiresIn"]
  readonly gate?: Deferred.Deferred<void>
}) => {
  let issued = 0
  const fetch = Effect.gen(function* () {
    issued += 1
    const value = Redacted.make(`t${issued}`)
    if (options?.gate !== undefined) yield* Deferred.await(options.gate)
    return { value, expiresIn: options?.expiresIn }
  })
  return { fetch, issued: () => issued }
}

/** An API that takes only some tokens, and notes which it was sent. */
const api = (isGood: (token: string) => boolean) => {
  const sent: Array<string> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const token = request.headers["authorization"]!.replace("Bearer ", "")
      sent.push(token)
      return HttpClientResponse.fromWeb(
        request,
        new Response(null, { status: isGood(token) ? 200 : 401 })
      )
    })
  )
  return { client, sent }
}

describe("Bearer", () => {
  it.effect("BEA1: requests that need a token at the same time share one", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { fetch, issued } = issuer({ gate })
      const { client, sent } = api(() => true)
      const bearer = yield* Bearer.make({ fetch })
      const get = bearer.withToken(client).get("http://api.test/")
      const all = yield* Effect.forkChild(
        Effect.all(
          Array.from({ length: 100 }, () => get),
          { concurrency: "unbounded" }
        ),
        {
          startImmediately: true
        }
      )
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(all)
      assert.deepStrictEqual([issued(), sent.length, new Set(sent).size], [1, 100, 1])
    })
  )

  it.effect("BEA1: the interruption of one who waits does not take it from the others", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { fetch, issued } = issuer({ gate })
      const bearer = yield* Bearer.make({ fetch })
      const first = yield* Effect.forkChild(bearer.token, { startImmediately: true })
      const second = yield* Effect.forkChild(bearer.token, { startImmediately: true })
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(Redacted.value(yield* Fiber.join(second)), "t1")
      assert.strictEqual(issued(), 1)
    })
  )

  it.effect("BEA2: a refused token is replaced once, and the request sent again", () =>
    Effect.gen(function* () {
      const { fetch, issued } = issuer()
      const { client, sent } = api((token) => token !== "t1")
      const bearer = yield* Bearer.make({ fetch })
      const get = bearer.withToken(client).get("http://api.test/")
      const responses = yield* Effect.all([get, get, get], { concurrency: "unbounded" })
      assert.deepStrictEqual(
        responses.map(({ status }) => status),
        [200, 200, 200]
      )
      assert.deepStrictEqual([issued(), sent], [2, ["t1", "t1", "t1", "t2", "t2", "t2"]])
    })
  )

  it.effect(
    "BEA2: a refusal that comes late does not take away the token that has replaced it",
    () =>
      Effect.gen(function* () {
        const late = yield* Deferred.make<void>()
        const { fetch, issued } = issuer()
        const bearer = yield* Bearer.make({ fetch })
        const client = HttpClient.make((request) => {
          const isGood = request.headers["authorization"] !== "Bearer t1"
          const response = new Response(null, { status: isGood ? 200 : 401 })
          const answer = Effect.succeed(HttpClientResponse.fromWeb(request, response))
          const isLate = request.url.endsWith("/late") && !isGood
          return isLate ? Effect.andThen(Deferred.await(late), answer) : answer
        })
        const get = (path: string) => bearer.withToken(client).get(`http://api.test${path}`)
        const slow = yield* Effect.forkChild(get("/late"), { startImmediately: true })
        yield* get("/")
        assert.strictEqual(issued(), 2)
        yield* Deferred.succeed(late, undefined)
        assert.strictEqual((yield* Fiber.join(slow)).status, 200)
        assert.strictEqual(issued(), 2)
      })
  )

  it.effect("BEA2: a second refusal is the answer", () =>
    Effect.gen(function* () {
      const { fetch } = issuer()
      const { client, sent } = api(() => false)
      const bearer = yield* Bearer.make({ fetch })
      const response = yield* bearer.withToken(client).get("http://api.test/")
      assert.deepStrictEqual([response.status, sent], [401, ["t1", "t2"]])
    })
  )

  it.effect("BEA3: a token is renewed before it ends", () =>
    Effect.gen(function* () {
      const { fetch } = issuer({ expiresIn: "5 minutes" })
      const bearer = yield* Bearer.make({ fetch, renewBefore: "1 minute" })
      const token = Effect.map(bearer.token, Redacted.value)
      assert.strictEqual(yield* token, "t1")
      yield* TestClock.adjust("239 seconds")
      assert.strictEqual(yield* token, "t1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* token, "t2")
    })
  )

  it.effect("BEA4: all who wait share a failure, and the next one tries again", () =>
    Effect.gen(function* () {
      let tries = 0
      const fetch = Effect.suspend(() => {
        tries += 1
        return tries === 1
          ? Effect.andThen(
              Effect.yieldNow,
              Effect.fail(new Down({ message: "the server of tokens is down" }))
            )
          : Effect.succeed({ value: Redacted.make("late") })
      })
      const bearer = yield* Bearer.make({ fetch })
      const failures = yield* Effect.all([Effect.flip(bearer.token), Effect.flip(bearer.token)], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        failures.map(({ message }) => message),
        Array.from(
          { length: 2 },
          () => "no bearer token could be had: the server of tokens is down"
        )
      )
      assert.strictEqual(Redacted.value(yield* bearer.token), "late")
    })
  )

  it.effect("BEA5: closing the scope ends a renewal and those who wait for it", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const bearer = yield* Scope.provide(Bearer.make(issuer({ gate })), scope)
      const waiting = yield* Effect.forkChild(bearer.token, { startImmediately: true })
      yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
    })
  )
})
