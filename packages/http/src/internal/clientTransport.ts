/** Tells an exchange what an `HttpClient` receives, whatever it is made of. */
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as Stream from "effect/Stream"
import type { FetchError } from "../FetchError.ts"
import type { Fetched } from "./fetched.ts"
import type { Exchange, Outcome } from "./exchange.ts"

/**
 * Sends the request, and gives what the exchange came to.
 *
 * The exchange may settle first, at a limit: then the request is interrupted, which aborts it.
 */
export const receive = (
  client: HttpClient.HttpClient,
  request: HttpClientRequest,
  begin: (settle: (outcome: Outcome) => void) => Exchange
): Effect.Effect<Fetched, FetchError> =>
  Effect.suspend(() => {
    let resume: ((outcome: Outcome) => void) | undefined
    let settled: Outcome | undefined
    const exchange = begin((outcome) => {
      settled = outcome
      resume?.(outcome)
    })
    const outcome = Effect.callback<Fetched, FetchError>((resumed) => {
      resume = resumed
      if (settled !== undefined) resumed(settled)
      return Effect.sync(() => exchange.interrupt())
    })
    return Effect.raceFirst(outcome, Effect.andThen(feed(client, request, exchange), Effect.never))
  })

const feed = (client: HttpClient.HttpClient, request: HttpClientRequest, exchange: Exchange) =>
  client.execute(request).pipe(
    Effect.tap((response) => {
      const setCookies = Cookies.toSetCookieHeaders(response.cookies)
      const cookies = setCookies.length === 0 ? {} : { "set-cookie": setCookies }
      exchange.head(response.status, { ...response.headers, ...cookies })
      return Stream.runForEachArray(response.stream, (chunks) =>
        Effect.sync(() => {
          for (const chunk of chunks) exchange.data(chunk)
        })
      )
    }),
    Effect.match({
      onSuccess: () => exchange.end(),
      onFailure: (error: HttpClientError) => exchange.failed(error.reason.cause)
    }),
    // A stranger's server has no use for our trace ids, and a span per page costs more than it.
    Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
  )
