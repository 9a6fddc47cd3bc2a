/**
 * A client for one HTTP API: typed requests and responses, and what a good citizen needs.
 *
 * It puts together, in the order that is right, what the modules of this package and Effect give: a
 * rate limit for each attempt, retries within a budget, a circuit that opens while the API is down, a
 * token that is renewed, redirects that do not carry it away. The `HttpClient` below may be any, such
 * as that of `Client.layerNode` or a simulated one.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity, pipe } from "effect/Function"
import type * as Headers from "effect/http/Headers"
import type * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import type { HttpMethod } from "effect/http/HttpMethod"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import type * as UrlParams from "effect/http/UrlParams"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Bearer, TokenFailed } from "./Bearer.ts"
import * as Pages from "./internal/pages.ts"
import * as Redirects from "./Redirects.ts"
import * as Retry from "./Retry.ts"

/**
 * Raised when the API answers with a status that is not 2xx, after all attempts.
 *
 * @since 0.1.0
 */
export class StatusFailed extends Data.TaggedError("StatusFailed")<{
  readonly method: string
  readonly url: string
  readonly status: number
  readonly headers: Headers.Headers
  /** The beginning of the body, in which most APIs say why. */
  readonly body: string
}> {
  override get message(): string {
    const why = this.body.trim().replaceAll(/\s+/g, " ").slice(0, 200)
    return `${this.method} ${this.url} answered ${this.status}${why === "" ? "" : `: ${why}`}`
  }
}

/**
 * Raised when the pages of a list do not end: `loop` for one that comes back, `tooMany` for more than
 * allowed, `otherOrigin` for one that is not of this API and must not see its token.
 *
 * @since 0.1.0
 */
export { PagesFailed } from "./internal/pages.ts"

/**
 * Everything that can go wrong with a call.
 *
 * @since 0.1.0
 */
export type ApiError =
  | StatusFailed
  | HttpClientError
  | HttpBody.HttpBodyError
  | Schema.SchemaError
  | Redirects.RedirectFailed
  | TokenFailed
  | RateLimiter.RateLimiterError
  | CircuitBreaker.CircuitBreakerError

/**
 * How to talk to the API.
 *
 * @since 0.1.0
 */
export interface Options {
  /** What all paths are below, such as `https://api.example.com/v1`. */
  readonly baseUrl: string | URL
  /** Sent with every request. */
  readonly headers?: Headers.Input
  readonly bearer?: Bearer
  /** Attempts, those of retries included, in a window; more wait. Default: no limit. */
  readonly rateLimit?: { readonly limit: number; readonly window: Duration.Input }
  /** Default: that of `Retry`. */
  readonly retry?: Retry.Options
  /** Calls that fail one after the other until no more are sent. Default 5. */
  readonly circuitFailures?: number
  /** How long none are sent then; after that one call tries. Default 30 seconds. */
  readonly circuitOpenFor?: Duration.Input
  /** Default: that of `Redirects`. */
  readonly redirects?: Redirects.Options
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = { circuitFailures: 5, circuitOpenFor: "30 seconds" } as const

/**
 * A call whose response has a type.
 *
 * @since 0.1.0
 */
export interface Call<Out extends Schema.Constraint> {
  /** Default `GET`. */
  readonly method?: HttpMethod
  /** Below the base URL; {@link path} makes it from what users give. */
  readonly path: string
  readonly query?: UrlParams.Input
  readonly headers?: Headers.Input
  /** What is sent; {@link json} makes it from a value and its schema. */
  readonly body?: Body
  /** Makes a POST or PATCH safe to retry, where the API knows the `Idempotency-Key` header. */
  readonly idempotencyKey?: string
  /** What the body of a response is, as JSON. */
  readonly response: Out
}

/**
 * A body that is made when the call is sent.
 *
 * @since 0.1.0
 */
export type Body = (
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<HttpClientRequest.HttpClientRequest, HttpBody.HttpBodyError>

/**
 * How a list goes on.
 *
 * @since 0.1.0
 */
export interface Paging<Page, Item> {
  readonly items: (page: Page) => ReadonlyArray<Item>
  /**
   * The URL of the next page, absolute or relative to this one, or `undefined` after the last. Default:
   * the `Link` header with `rel="next"` (RFC 8288).
   */
  readonly next?: (
    page: Page,
    response: HttpClientResponse.HttpClientResponse
  ) => string | undefined
  /** Default 10,000. */
  readonly pagesMax?: number
}

/**
 * A client for one API.
 *
 * @since 0.1.0
 */
export interface ApiClient {
  /** Sends a call, and decodes the response. Interrupting it aborts the request. */
  send<Out extends Schema.Constraint>(
    call: Call<Out>
  ): Effect.Effect<Out["Type"], ApiError, Out["DecodingServices"]>
  /** All items of a list, page by page; a page is asked for when the one before has been used. */
  pages<Out extends Schema.Constraint, Item>(
    call: Call<Out>,
    paging: Paging<Out["Type"], Item>
  ): Stream.Stream<Item, ApiError | Pages.PagesFailed, Out["DecodingServices"]>
}

/**
 * Makes a client for an API.
 *
 * ```ts
 * import { Schema } from "effect"
 * import { HttpClient, HttpClientResponse } from "effect/http"
 *
 * const users = HttpClient.make((request) =>
 *   Effect.succeed(HttpClientResponse.fromWeb(request, Response.json({ id: 7, name: "Ada" })))
 * )
 * const api = yield* ApiClient.make({ baseUrl: "https://api.example.com/v1" }).pipe(
 *   Effect.provideService(HttpClient.HttpClient, users)
 * )
 * const User = Schema.Struct({ id: Schema.Number, name: Schema.String })
 * const { name } = yield* api.send({ path: ApiClient.path`/users/${7}`, response: User })
 * name // => "Ada"
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<ApiClient, never, HttpClient.HttpClient | Scope.Scope> {
  const client = yield* prepare(options, yield* HttpClient.HttpClient)
  const base = String(options.baseUrl).replace(/\/+$/, "")

  const execute = Effect.fnUntraced(function* <Out extends Schema.Constraint>(
    call: Call<Out>,
    url: string
  ) {
    const bare = HttpClientRequest.make(call.method ?? "GET")(url, {
      headers: options.headers,
      acceptJson: true
    }).pipe(HttpClientRequest.setHeaders(call.headers ?? {}))
    const keyed =
      call.idempotencyKey === undefined
        ? bare
        : HttpClientRequest.setHeader(bare, "idempotency-key", call.idempotencyKey)
    const response = yield* client.execute(yield* call.body?.(keyed) ?? Effect.succeed(keyed))
    if (response.status < 200 || response.status >= 300) return yield* failureOf(response)
    const value = yield* HttpClientResponse.schemaBodyJson(call.response)(response)
    return { value, response }
  })
  const urlOf = <Out extends Schema.Constraint>({ path, query }: Call<Out>) =>
    pipe(
      HttpClientRequest.get(base + (path.startsWith("/") ? path : `/${path}`)),
      query === undefined ? identity : HttpClientRequest.appendUrlParams(query),
      HttpClientRequest.toUrl,
      Option.match({ onNone: () => base + path, onSome: ({ href }) => href })
    )

  return {
    send: (call) => Effect.map(execute(call, urlOf(call)), ({ value }) => value),
    pages: (call, paging) =>
      Stream.suspend(() => {
        const trail = Pages.make(base, paging.pagesMax)
        return Stream.paginate(urlOf(call), (url) =>
          Effect.gen(function* () {
            const { response, value } = yield* execute(call, url)
            const next = (paging.next ?? Pages.nextByLink)(value, response)
            return [paging.items(value), yield* trail.follow(url, next)] as const
          })
        )
      })
  }
})

/**
 * Makes a body of JSON from a value and its schema.
 *
 * @since 0.1.0
 */
export const json =
  <In extends Schema.Encoder<unknown>>(schema: In, value: In["Type"]): Body =>
  (request) =>
    HttpClientRequest.schemaBodyJson(schema)(request, value)

/**
 * Defect raised for a value that cannot be a part of a path, as it would lead to another one.
 *
 * @since 0.1.0
 */
export class PathPartInvalid extends Data.TaggedError("PathPartInvalid")<{
  readonly part: string
}> {
  override get message(): string {
    return `"${this.part}" cannot be a part of a path: it would change the path`
  }
}

/**
 * Writes a path; values are escaped, so that none can change it. Throws {@link PathPartInvalid} for an
 * empty value, `.` and `..`, for which there is no escape.
 *
 * ```ts
 * ApiClient.path`/users/${"a/b?c"}/orders/${7}` // => "/users/a%2Fb%3Fc/orders/7"
 * ```
 *
 * @since 0.1.0
 */
export const path = (
  texts: TemplateStringsArray,
  ...parts: ReadonlyArray<string | number>
): string =>
  texts.reduce((whole, text, index) => {
    const part = String(parts[index - 1])
    if (/^\.{0,2}$/.test(part)) throw new PathPartInvalid({ part })
    return whole + encodeURIComponent(part) + text
  })

const prepare = Effect.fnUntraced(
  function* (options: Options, client: HttpClient.HttpClient) {
    const { circuitFailures, circuitOpenFor } = { ...defaults, ...options }
    const breaker = yield* CircuitBreaker.make({
      tripPolicy: CircuitBreaker.consecutive(circuitFailures),
      openDuration: circuitOpenFor
    })
    const limiter = yield* RateLimiter.make
    const { bearer, rateLimit } = options
    // The innermost comes first: redirects see the token and keep it to its origin; each attempt counts
    // for the limit; the circuit sees what came of all attempts.
    return HttpClient.transformResponse(client, widen).pipe(
      Redirects.follow(options.redirects),
      bearer?.withToken ?? identity,
      rateLimit === undefined
        ? identity
        : HttpClient.withRateLimiter({
            ...rateLimit,
            limiter,
            key: "api",
            algorithm: "token-bucket",
            // Its own retries have no end, and it would wait for years if a server says so.
            times: 0,
            disableResponseInspection: true
          }),
      Retry.retry(options.retry),
      HttpClient.withCircuitBreaker({ breaker, key: "api" })
    )
  },
  Effect.provide(Layer.merge(CircuitBreaker.layerStoreMemory(), RateLimiter.layerStoreMemory))
)

type Prepared = Exclude<ApiError, StatusFailed | HttpBody.HttpBodyError | Schema.SchemaError>

/** A client's type of errors is that of its request too, so that each must know those of all. */
const widen = (
  response: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError>
): Effect.Effect<HttpClientResponse.HttpClientResponse, Prepared> => response

const failureOf = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<never, StatusFailed | HttpClientError> =>
  Effect.flatMap(response.text, (text) => {
    const { headers, request, status } = response
    const { method, url } = request
    const body = text.slice(0, bodyCharactersMax)
    return Effect.fail(new StatusFailed({ method, url, status, headers, body }))
  })

const bodyCharactersMax = 2_000
