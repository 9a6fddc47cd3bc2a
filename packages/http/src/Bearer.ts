/**
 * A bearer token that is fetched once for all requests, and anew when it ends or is refused.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"

/**
 * Raised when no token could be had.
 *
 * @since 0.1.0
 */
export class TokenFailed extends Data.TaggedError("TokenFailed")<{ readonly cause: unknown }> {
  override get message(): string {
    const why = this.cause instanceof Error ? `: ${this.cause.message}` : ""
    return `no bearer token could be had${why}`
  }
}

/**
 * A token as its server gives it.
 *
 * @since 0.1.0
 */
export interface Token {
  readonly value: Redacted.Redacted<string>
  /** How long it is good for. Default: until it is refused. */
  readonly expiresIn?: Duration.Input | undefined
}

/**
 * Where tokens come from.
 *
 * @since 0.1.0
 */
export interface Options<E = never, R = never> {
  /** Fetches a new token. It must not use the client that waits for it. */
  readonly fetch: Effect.Effect<Token, E, R>
  /** A token is renewed so long before it ends. Default 30 seconds. */
  readonly renewBefore?: Duration.Input
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = { renewBefore: "30 seconds" } as const

/**
 * A token that all requests of a client share.
 *
 * @since 0.1.0
 */
export interface Bearer {
  /** The token as it is now; fetches one if there is none that is good. */
  readonly token: Effect.Effect<Redacted.Redacted<string>, TokenFailed>
  /**
   * Makes a client send the token. An answer of 401 fetches a new one, and the request is sent once
   * more with it. Apply it after `Redirects.follow`, which then keeps the token to its origin.
   */
  readonly withToken: <E, R>(
    client: HttpClient.HttpClient.With<E, R>
  ) => HttpClient.HttpClient.With<E | TokenFailed, R>
}

/**
 * Makes a bearer without a token; the first request fetches one.
 *
 * However many requests need a new token at the same time, it is fetched once, and they share its
 * failure too. Interrupting one of them does not stop it for the others; closing the scope does.
 *
 * ```ts
 * import { Redacted } from "effect"
 *
 * let fetched = 0
 * const fetch = Effect.sync(() => ({ value: Redacted.make(`token ${++fetched}`) }))
 * const bearer = yield* Bearer.make({ fetch })
 * yield* Effect.all([bearer.token, bearer.token], { concurrency: "unbounded" })
 * fetched // => 1
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* <E, R>(
  options: Options<E, R>
): Effect.fn.Return<Bearer, never, R | Scope.Scope> {
  const scope = yield* Scope.Scope
  const context = yield* Effect.context<R>()
  const renewBeforeMillis = millis(options.renewBefore ?? defaults.renewBefore)
  let held: { readonly value: Redacted.Redacted<string>; readonly untilMillis: number } | undefined
  let renewal: Fiber.Fiber<Redacted.Redacted<string>, TokenFailed> | undefined

  const fetch = options.fetch.pipe(
    Effect.provideContext(context),
    Effect.mapError((cause) => new TokenFailed({ cause })),
    Effect.flatMap(({ expiresIn, value }) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const lifetime = expiresIn === undefined ? Infinity : millis(expiresIn)
        held = { value, untilMillis: now + lifetime - renewBeforeMillis }
        return value
      })
    ),
    Effect.ensuring(Effect.sync(() => (renewal = undefined)))
  )
  // The renewal is a fiber of the scope: it belongs to all that wait for it.
  const renew = Effect.suspend(() =>
    renewal === undefined
      ? Effect.flatMap(Effect.forkIn(fetch, scope), (fiber) => {
          renewal = fiber
          return Fiber.join(fiber)
        })
      : Fiber.join(renewal)
  )
  const token = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    held !== undefined && now < held.untilMillis ? Effect.succeed(held.value) : renew
  )
  /** A new one, unless another request has fetched it since this one was sent. */
  const tokenAfter = (refused: Redacted.Redacted<string>) =>
    Effect.suspend(() => {
      if (held?.value === refused) held = undefined
      return token
    })

  const withToken: Bearer["withToken"] = <E2, R2>(client: HttpClient.HttpClient.With<E2, R2>) =>
    HttpClient.makeWith(
      (requested: Effect.Effect<HttpClientRequest.HttpClientRequest, E2 | TokenFailed, R2>) =>
        Effect.gen(function* () {
          const request = yield* requested
          const first = yield* token
          const send = (value: Redacted.Redacted<string>) =>
            client.postprocess(Effect.succeed(HttpClientRequest.bearerToken(request, value)))
          const response = yield* send(first)
          if (response.status !== 401) return response
          return yield* send(yield* tokenAfter(first))
        }),
      client.preprocess
    )
  return { token, withToken }
})

const millis = (duration: Duration.Input): number =>
  Duration.toMillis(Duration.fromInputUnsafe(duration))
