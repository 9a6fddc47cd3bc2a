import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Random } from "effect"
import {
  HttpBody,
  HttpClient,
  HttpClientError,
  HttpClientRequest,
  HttpClientResponse
} from "effect/http"
import { TestClock } from "effect/testing"
import { AddressRefused } from "../src/Address.ts"
import { BodyTooLarge, TransportFailed } from "../src/FetchError.ts"
import * as Retry from "../src/Retry.ts"

type Answer = number | { readonly status: number; readonly after: string } | Error

/** A client that gives these answers in turn, the last one for ever, and notes when it was asked. */
const scripted = (answers: ReadonlyArray<Answer>) => {
  const askedAt: Array<number> = []
  const client = HttpClient.make((request) =>
    Effect.gen(function* () {
      const answer = answers[Math.min(askedAt.length, answers.length - 1)]!
      askedAt.push(yield* Clock.currentTimeMillis)
      if (answer instanceof Error) {
        const reason = new HttpClientError.TransportError({ request, cause: answer })
        return yield* Effect.fail(new HttpClientError.HttpClientError({ reason }))
      }
      const { after, status } =
        typeof answer === "number" ? { status: answer, after: null } : answer
      const headers = after === null ? undefined : { "retry-after": after }
      return HttpClientResponse.fromWeb(
        request,
        new Response(null, { status, ...(headers && { headers }) })
      )
    })
  )
  return { client, askedAt }
}

const url = "http://shop.test/"
/** As long as a pause can be: chance always gives (almost) one. */
const longestPauses = Random.withSeed("retry")

/** Sends a request, and lets as much time pass as it wants. */
const run = <A, E>(sent: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.exit(sent), { startImmediately: true })
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  }).pipe(longestPauses)

const transport = (code: string) => new TransportFailed({ url, code, cause: undefined })

describe("Retry", () => {
  it.effect.each([408, 425, 429, 500, 502, 503, 504, 522, 524])(
    "RTY1: %d is asked again",
    (status) =>
      Effect.gen(function* () {
        const { askedAt, client } = scripted([status, status, 200])
        const exit = yield* run(Retry.retry()(client).get(url))
        assert(exit._tag === "Success")
        assert.deepStrictEqual([exit.value.status, askedAt.length], [200, 3])
      })
  )

  it.effect.each([200, 304, 400, 401, 403, 404, 501])("RTY1: %d is final", (status) =>
    Effect.gen(function* () {
      const { askedAt, client } = scripted([status])
      yield* run(Retry.retry()(client).get(url))
      assert.lengthOf(askedAt, 1)
    })
  )

  it.effect.each([
    [transport("ECONNRESET"), 3],
    [transport("UND_ERR_HEADERS_OVERFLOW"), 1],
    [new AddressRefused({ host: url, address: url, kind: "private" }), 1],
    [new BodyTooLarge({ url, stage: "sent", bodyBytesMax: 1 }), 1],
    [new Error("of another client"), 3]
  ] as const)("RTY1: %s is tried as often as it may help", ([error, attempts]) =>
    Effect.gen(function* () {
      const { askedAt, client } = scripted([error])
      const exit = yield* run(Retry.retry()(client).get(url))
      assert.strictEqual(exit._tag, "Failure")
      assert.lengthOf(askedAt, attempts)
    })
  )

  it.effect("RTY2: a POST is retried only with an idempotency key", () =>
    Effect.gen(function* () {
      const plain = scripted([503])
      yield* run(Retry.retry()(plain.client).post(url, { body: HttpBody.text("order") }))
      assert.lengthOf(plain.askedAt, 1)
      const keyed = scripted([503])
      const request = HttpClientRequest.post(url, { headers: { "idempotency-key": "7" } })
      yield* run(Retry.retry()(keyed.client).execute(request))
      assert.lengthOf(keyed.askedAt, 3)
      for (const method of ["PUT", "DELETE"] as const) {
        const { askedAt, client } = scripted([503])
        yield* run(Retry.retry()(client).execute(HttpClientRequest.make(method)(url)))
        assert.lengthOf(askedAt, 3)
      }
    })
  )

  it.effect("RTY3: pauses are by chance below a bound that doubles up to the longest", () =>
    Effect.gen(function* () {
      for (const [attempt, bound] of [
        [2, 1],
        [3, 2],
        [4, 4],
        [5, 5],
        [60, 5]
      ] as const) {
        const pauses = yield* Effect.forEach(Array.from({ length: 200 }), () =>
          Retry.pauseBefore(attempt, { pause: "1 second", pauseMax: "5 seconds" })
        )
        const seconds = pauses.map(Duration.toSeconds)
        assert.isBelow(Math.max(...seconds), bound)
        assert.isAbove(Math.max(...seconds), bound * 0.9)
        assert.isBelow(Math.min(...seconds), bound * 0.1)
      }
    })
  )

  it.effect("RTY4: a pause is at least as long as Retry-After, which may be a date", () =>
    Effect.gen(function* () {
      const { askedAt, client } = scripted([
        { status: 429, after: "30" },
        { status: 503, after: "Thu, 01 Jan 1970 00:02:00 GMT" },
        200
      ])
      yield* run(Retry.retry({ retryAfterMax: "2 minutes" })(client).get(url))
      assert.deepStrictEqual(askedAt, [0, 30_000, 120_000])
    })
  )

  it.effect.each(["61", "99999999"])(
    "RTY4: a Retry-After of %s seconds is not waited for",
    (after) =>
      Effect.gen(function* () {
        const { askedAt, client } = scripted([{ status: 429, after }, 200])
        const exit = yield* run(Retry.retry()(client).get(url))
        assert(exit._tag === "Success")
        assert.deepStrictEqual([exit.value.status, askedAt.length], [429, 1])
      })
  )

  it.effect("RTY5: while most requests fail, nothing is retried", () =>
    Effect.gen(function* () {
      const { askedAt, client } = scripted([503])
      const retrying = Retry.retry({ pause: "1 millis" })(client)
      for (let i = 0; i < 20; i++) yield* run(retrying.get(url))
      // Ten tokens: 3 + 2 attempts use up the first half, and each request after that has one.
      assert.lengthOf(askedAt, 23)
    })
  )

  it("RTY5: successes fill the budget again", () => {
    const budget = Retry.makeBudget({ tokensMax: 2, tokensPerSuccess: 0.5 })
    assert.deepStrictEqual([budget.failed(), budget.failed()], [false, false])
    for (let i = 0; i < 4; i++) budget.succeeded()
    budget.succeeded()
    assert.isFalse(budget.failed())
  })
})
