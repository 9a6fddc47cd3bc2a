/**
 * Follows redirects, one checked hop after the other.
 *
 * The rules are those of RFC 9110 (15.4) and of the Fetch standard: 303 becomes GET, 301 and 302 turn
 * a POST into GET, 307 and 308 change nothing; what is secret for one origin is not sent to another.
 * Each hop is a request of its own, so that the client checks its address anew.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as UrlParams from "effect/http/UrlParams"
import type { FetchError } from "./FetchError.ts"
import type { Fetched, Fetcher } from "./Fetcher.ts"

/**
 * Raised when redirects do not lead to a response.
 *
 * @since 0.1.0
 */
export class RedirectFailed extends Data.TaggedError("RedirectFailed")<{
  /**
   * `loop`: back to a URL that was asked before. `tooMany`: more than allowed. `noWebPage`: to what is
   * not an http or https URL.
   */
  readonly reason: "loop" | "tooMany" | "noWebPage"
  /** All that were asked, in order. */
  readonly urls: ReadonlyArray<string>
  /** The Location that was not followed. */
  readonly location: string
}> {
  override get message(): string {
    const from = this.urls[0]
    switch (this.reason) {
      case "loop":
        return `${from} redirects in a loop, back to ${this.location}`
      case "tooMany":
        return `${from} redirects more than ${this.urls.length - 1} times`
      case "noWebPage":
        return `${from} redirects to "${this.location}", which is no web page`
    }
  }
}

/**
 * How far to follow.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Redirects one after the other, at the most. Default 10. */
  readonly redirectsMax?: number
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = { redirectsMax: 10 } as const satisfies Required<Options>

/**
 * What a redirect asks for.
 *
 * @since 0.1.0
 */
export interface Hop {
  readonly url: URL
  readonly method: string
  /** Whether the request goes on without its body and the headers that describe it. */
  readonly dropsBody: boolean
  /** Whether it goes to another origin, which must not see credentials and cookies. */
  readonly crossesOrigin: boolean
}

/**
 * Tells what the answer to a request redirects to: `undefined` when it is no redirect, the text of the
 * Location when it does not lead to a web page.
 *
 * The fragment of the request is kept when the Location has none.
 *
 * ```ts
 * const hop = Redirects.hopOf(
 *   { method: "POST", url: new URL("http://a.example/form") },
 *   { status: 303, location: "//b.example/done" }
 * )
 * hop // => { url: new URL("http://b.example/done"), method: "GET", dropsBody: true, crossesOrigin: true }
 * ```
 *
 * @since 0.1.0
 */
export const hopOf = (
  request: { readonly method: string; readonly url: URL },
  response: { readonly status: number; readonly location: string | undefined }
): Hop | string | undefined => {
  const { location, status } = response
  if (!redirectStatuses.has(status) || location === undefined) return undefined
  const url = URL.parse(location, request.url.href)
  if (url === null || !/^https?:$/.test(url.protocol)) return location
  if (url.hash === "") url.hash = request.url.hash
  const becomesGet =
    status === 303
      ? request.method !== "GET" && request.method !== "HEAD"
      : status <= 302 && request.method === "POST"
  return {
    url,
    method: becomesGet ? "GET" : request.method,
    dropsBody: becomesGet,
    crossesOrigin: url.origin !== request.url.origin
  }
}

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/**
 * Makes a client follow redirects; fails with `RedirectFailed` when they do not end.
 *
 * A URL that comes back is a loop, unless a cookie was set since: then the answer may be another one.
 *
 * ```ts
 * import { HttpClient, HttpClientResponse } from "effect/http"
 *
 * const client = HttpClient.make((request, url) => {
 *   const location = url.pathname === "/a" ? "/b" : "/a"
 *   const response = new Response(null, { status: 302, headers: { location } })
 *   return Effect.succeed(HttpClientResponse.fromWeb(request, response))
 * })
 * const error = yield* Effect.flip(Redirects.follow()(client).get("http://shop.example/a"))
 * error.message // => "http://shop.example/a redirects in a loop, back to http://shop.example/a"
 * ```
 *
 * @since 0.1.0
 */
export const follow =
  (options?: Options) =>
  <E, R>(
    client: HttpClient.HttpClient.With<E, R>
  ): HttpClient.HttpClient.With<E | RedirectFailed, R> => {
    const redirectsMax = options?.redirectsMax ?? defaults.redirectsMax
    return HttpClient.makeWith(
      (requested: Effect.Effect<HttpClientRequest.HttpClientRequest, E | RedirectFailed, R>) =>
        Effect.gen(function* () {
          let request = yield* requested
          const trail = makeTrail(redirectsMax)
          while (true) {
            const url = Option.getOrUndefined(HttpClientRequest.toUrl(request))
            const response: HttpClientResponse = yield* client.postprocess(Effect.succeed(request))
            if (url === undefined) return response
            const { headers, status } = response
            const hop = yield* trail.next({ method: request.method, url }, status, headers)
            if (hop === undefined) return response
            request = requestOf(request, hop)
          }
        }),
      client.preprocess
    )
  }

/**
 * Fetches a URL and where it redirects to, with `urls` as all that were asked.
 *
 * @since 0.1.0
 */
export const fetch = (
  fetcher: Fetcher["Service"],
  start: URL,
  headers?: Headers.Input,
  options?: Options
): Effect.Effect<Fetched & { readonly urls: ReadonlyArray<string> }, FetchError | RedirectFailed> =>
  Effect.gen(function* () {
    const trail = makeTrail(options?.redirectsMax ?? defaults.redirectsMax)
    let url = start
    let sent = Headers.fromInput(headers)
    while (true) {
      const fetched = yield* fetcher.fetch(url, sent)
      const hop = yield* trail.next({ method: "GET", url }, fetched.status, fetched.headers)
      if (hop === undefined) return { ...fetched, urls: trail.urls() }
      if (hop.crossesOrigin) sent = Headers.removeMany(sent, secrets)
      url = hop.url
    }
  })

/** Where a request has been led so far. */
const makeTrail = (redirectsMax: number) => {
  const urls: Array<string> = []
  const sinceCookie = new Set<string>()
  return {
    urls: () => urls,
    next: (
      request: { readonly method: string; readonly url: URL },
      status: number,
      headers: Headers.Headers
    ): Effect.Effect<Hop | undefined, RedirectFailed> => {
      urls.push(request.url.href)
      sinceCookie.add(`${request.method} ${withoutHash(request.url)}`)
      if (headers["set-cookie"] !== undefined) sinceCookie.clear()
      const hop = hopOf(request, { status, location: headers["location"] })
      if (hop === undefined) return Effect.succeed<Hop | undefined>(undefined)
      if (typeof hop === "string") {
        return Effect.fail(new RedirectFailed({ reason: "noWebPage", urls, location: hop }))
      }
      const location = hop.url.href
      if (sinceCookie.has(`${hop.method} ${withoutHash(hop.url)}`)) {
        return Effect.fail(new RedirectFailed({ reason: "loop", urls, location }))
      }
      return urls.length > redirectsMax
        ? Effect.fail(new RedirectFailed({ reason: "tooMany", urls, location }))
        : Effect.succeed(hop)
    }
  }
}

const withoutHash = (url: URL): string => url.href.split("#")[0]!

const requestOf = (
  request: HttpClientRequest.HttpClientRequest,
  { crossesOrigin, dropsBody, method, url }: Hop
): HttpClientRequest.HttpClientRequest => {
  const dropped = [...(crossesOrigin ? secrets : []), ...(dropsBody ? bodyHeaders : [])]
  const hash = url.hash === "" ? Option.none<string>() : Option.some(url.hash.slice(1))
  return HttpClientRequest.makeWith(
    method,
    withoutHash(url),
    UrlParams.empty,
    hash,
    Headers.removeMany(request.headers, dropped),
    dropsBody ? HttpBody.empty : request.body
  )
}

const secrets = ["authorization", "proxy-authorization", "cookie"]

const bodyHeaders = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type"
]
