/**
 * Retries what can be retried safely, with growing pauses and within a budget.
 *
 * Only idempotent methods are retried, only after failures that may pass, only a few times, and not at
 * all while most requests fail: then retries are what keeps a service down.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { FetchError } from "./FetchError.ts"
import * as RetryAfter from "./RetryAfter.ts"

/**
 * How the pauses between attempts grow.
 *
 * @since 0.1.0
 */
export interface Backoff {
  /** The longest pause before the second attempt; it doubles with each attempt. Default 1 second. */
  readonly pause?: Duration.Input
  /** The longest pause of all. Default 60 seconds. */
  readonly pauseMax?: Duration.Input
}

/**
 * How often to retry.
 *
 * @since 0.1.0
 */
export interface Options extends Backoff {
  /** Attempts in all, the first included. Default 3. */
  readonly attemptsMax?: number
  /** A server that asks to wait for longer than this is not asked again. Default 60 seconds. */
  readonly retryAfterMax?: Duration.Input
  /** What stops all retries while most requests fail. Default: a budget of its own. */
  readonly budget?: Budget
}

/**
 * The defaults of {@link Options}; those of a budget are `tokensMax` and `tokensPerSuccess`.
 *
 * @since 0.1.0
 */
export const defaults = {
  pause: "1 second",
  pauseMax: "60 seconds",
  attemptsMax: 3,
  retryAfterMax: "60 seconds",
  tokensMax: 10,
  tokensPerSuccess: 0.1
} as const

/**
 * Whether a request can be sent twice and means the same as if it was sent once (RFC 9110, 9.2.2).
 *
 * @since 0.1.0
 */
export const isIdempotent = (method: string): boolean => idempotent.has(method)

const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"])

/**
 * Whether a status says that the same request may succeed later: 408, 425, 429, 500, 502, 503, 504,
 * and 522 and 524 of a large proxy.
 *
 * @since 0.1.0
 */
export const isTransientStatus = (status: number): boolean => transient.has(status)

const transient = new Set([408, 425, 429, 500, 502, 503, 504, 522, 524])

/**
 * Whether a failed fetch may succeed later: no connection, a broken one, or a time limit, but not a
 * refused address, a certificate, or a body that is too large or damaged.
 *
 * @since 0.1.0
 */
export const isTransientError = (error: FetchError): boolean =>
  error._tag === "FetchTimedOut" ||
  (error._tag === "TransportFailed" && !permanentCodes.has(error.code ?? ""))

const permanentCodes = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_HEADERS_OVERFLOW"])

/**
 * Returns the pause before an attempt, counted from 2: by chance between nothing and a bound that
 * doubles ("full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * A crowd that was turned away at the same moment comes back spread over the pause.
 *
 * @since 0.1.0
 */
export const pauseBefore = (attempt: number, backoff?: Backoff): Effect.Effect<Duration.Duration> =>
  Effect.map(Random.next, (chance) => {
    const first = millis(backoff?.pause ?? defaults.pause)
    const longest = Math.min(
      millis(backoff?.pauseMax ?? defaults.pauseMax),
      first * 2 ** Math.max(0, attempt - 2)
    )
    return Duration.millis(chance * longest)
  })

/**
 * A bound on retries that all requests of a client share, as gRPC has it
 * (https://github.com/grpc/proposal/blob/master/A6-client-retries.md): each failure takes a token, each
 * success gives back a part of one, and at half of the tokens or less nothing is retried.
 *
 * @since 0.1.0
 */
export interface Budget {
  /** Tells of a failure, and returns whether it may be retried. */
  readonly failed: () => boolean
  readonly succeeded: () => void
}

/**
 * Makes a budget that is full.
 *
 * ```ts
 * const budget = Retry.makeBudget({ tokensMax: 4 })
 * const may = [budget.failed(), budget.failed(), budget.failed()]
 * may // => [true, false, false]
 * ```
 *
 * @since 0.1.0
 */
export const makeBudget = (options?: {
  /** Default 10. */
  readonly tokensMax?: number
  /** Default 0.1: with one failure among ten requests nothing is ever held back. */
  readonly tokensPerSuccess?: number
}): Budget => {
  const tokensMax = options?.tokensMax ?? defaults.tokensMax
  const tokensPerSuccess = options?.tokensPerSuccess ?? defaults.tokensPerSuccess
  let tokens = tokensMax
  return {
    failed: () => {
      tokens = Math.max(0, tokens - 1)
      return tokens > tokensMax / 2
    },
    succeeded: () => {
      tokens = Math.min(tokensMax, tokens + tokensPerSuccess)
    }
  }
}

/**
 * Makes a client retry idempotent requests, and others that carry an `Idempotency-Key` header.
 *
 * The last response or failure is given when nothing more is to be tried. A pause is at least as long
 * as the server asks for with Retry-After; one of more than `retryAfterMax` is not waited for.
 *
 * ```ts
 * import { HttpClient, HttpClientResponse } from "effect/http"
 *
 * let asked = 0
 * const flaky = HttpClient.make((request) => {
 *   const status = ++asked < 3 ? 503 : 200
 *   return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status })))
 * })
 * const client = Retry.retry({ pause: "1 millis" })(flaky)
 * const response = yield* client.get("http://shop.example/")
 * const result = [response.status, asked]
 * result // => [200, 3]
 * ```
 *
 * @since 0.1.0
 */
export const retry =
  (options?: Options) =>
  <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E, R> => {
    const { attemptsMax, retryAfterMax } = { ...defaults, ...options }
    const budget = options?.budget ?? makeBudget()
    return HttpClient.transform(client, (attempt, request) => {
      if (!mayRepeat(request)) return attempt
      return Effect.gen(function* () {
        for (let next = 2; ; next++) {
          const result = yield* Effect.result(attempt)
          if (!isTransient(result)) {
            budget.succeeded()
            return yield* Effect.fromResult(result)
          }
          const asked = yield* retryAfterOf(result)
          const isTooLong = asked !== undefined && asked > millis(retryAfterMax)
          if (!budget.failed() || next > attemptsMax || isTooLong) {
            return yield* Effect.fromResult(result)
          }
          const pause = yield* pauseBefore(next, options)
          yield* Effect.sleep(Math.max(asked ?? 0, Duration.toMillis(pause)))
        }
      })
    })
  }

const mayRepeat = (request: HttpClientRequest): boolean =>
  isIdempotent(request.method) || request.headers["idempotency-key"] !== undefined

const isTransient = <E>(result: Result.Result<HttpClientResponse, E>): boolean =>
  Result.match(result, {
    onSuccess: ({ status }) => isTransientStatus(status),
    onFailure: (error) => {
      if (Cause.isTimeoutError(error)) return true
      if (!HttpClientError.isHttpClientError(error)) return false
      const { reason } = error
      if (reason._tag === "StatusCodeError") return isTransientStatus(reason.response.status)
      if (reason._tag !== "TransportError") return false
      return isFetchError(reason.cause) ? isTransientError(reason.cause) : true
    }
  })

const isFetchError = (cause: unknown): cause is FetchError =>
  cause instanceof Error && "_tag" in cause && fetchErrors.has(cause._tag as string)

const fetchErrors = new Set<string>([
  "AddressRefused",
  "TransportFailed",
  "TlsFailed",
  "FetchTimedOut",
  "BodyTooLarge",
  "BodyUndecodable"
] satisfies ReadonlyArray<FetchError["_tag"]>)

const retryAfterOf = <E>(result: Result.Result<HttpClientResponse, E>) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const headers = Result.isSuccess(result)
      ? result.success.headers
      : HttpClientError.isHttpClientError(result.failure)
        ? result.failure.response?.headers
        : undefined
    const asked = RetryAfter.parse(headers?.["retry-after"], now, Duration.infinity)
    return asked === undefined ? undefined : Duration.toMillis(asked)
  })

const millis = (duration: Duration.Input): number =>
  Duration.toMillis(Duration.fromInputUnsafe(duration))
