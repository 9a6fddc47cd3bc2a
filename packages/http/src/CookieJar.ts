/**
 * Keeps the cookies of a session, and gives each to the hosts that may see it.
 *
 * Storage and matching are those of Effect's `Cookies` (RFC 6265). A jar adds what these leave open: no
 * site can set a cookie for a public suffix such as `co.uk` (https://publicsuffix.org), only a secure
 * one a `Secure` cookie, names that start with `__Host-` and `__Secure-` keep their promise, and there
 * are bounds.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { getPublicSuffix } from "tldts"

/**
 * How much a jar holds.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Cookies in all; past it the oldest are dropped. Default 1,000. */
  readonly cookiesMax?: number
  /** Cookies of one domain; past it the oldest are dropped. Default 50. */
  readonly cookiesPerDomainMax?: number
  /** Name and value of a cookie; larger ones are not kept. Default 4,096. */
  readonly cookieBytesMax?: number
}

/**
 * The defaults of {@link Options}, which RFC 6265 (6.1) asks for at least, but the first: 3,000.
 *
 * @since 0.1.0
 */
export const defaults = {
  cookiesMax: 1_000,
  cookiesPerDomainMax: 50,
  cookieBytesMax: 4_096
} as const satisfies Required<Options>

/**
 * The cookies of one session.
 *
 * @since 0.1.0
 */
export interface CookieJar {
  /** Keeps what a response from the URL sets; cookies that it may not set are ignored. */
  store(url: URL, setCookies: ReadonlyArray<string>): Effect.Effect<void>
  /** The Cookie header for a request to the URL, or `undefined` when there is none to send. */
  headerFor(url: URL): Effect.Effect<string | undefined>
  /** All that it holds, the oldest first; those that have expired may still be there. */
  readonly cookies: Effect.Effect<ReadonlyArray<Cookies.Cookie>>
}

/**
 * Makes a jar that is empty.
 *
 * ```ts
 * const jar = yield* CookieJar.make()
 * yield* jar.store(new URL("https://shop.co.uk/"), ["all=1; Domain=co.uk", "mine=2; Domain=shop.co.uk"])
 * yield* jar.headerFor(new URL("https://www.shop.co.uk/")) // => "mine=2"
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: Options): Effect.Effect<CookieJar> =>
  Effect.map(Ref.make<ReadonlyArray<Cookies.Cookie>>([]), (held): CookieJar => {
    const limits = { ...defaults, ...options }
    return {
      store: (url, setCookies) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Ref.update(held, (before) => {
            // More than a domain may have cannot be of use, and each is compared with all others.
            const added = setCookies.slice(0, limits.cookiesPerDomainMax)
            const all = added.reduce(
              (cookies, text) => add(cookies, url, text, now, limits),
              before
            )
            return bounded(all, limits)
          })
        ),
      headerFor: (url) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.map(Ref.get(held), Cookies.toRequestCookieHeader(url.href, now))
        ),
      cookies: Ref.get(held)
    }
  })

/**
 * Makes a client send and keep the cookies of a jar. Apply it before `Redirects.follow`: then each hop
 * gets its own cookies.
 *
 * @since 0.1.0
 */
export const withJar =
  (jar: CookieJar) =>
  <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E, R> =>
    // After all that prepares a request: redirects prepare it once, and send it once for each hop.
    HttpClient.makeWith(
      (requested: Effect.Effect<HttpClientRequest.HttpClientRequest, E, R>) =>
        client
          .postprocess(Effect.flatMap(requested, (request) => withCookies(jar, request)))
          .pipe(Effect.tap((response) => keepCookies(jar, response))),
      client.preprocess
    )

const withCookies = (jar: CookieJar, request: HttpClientRequest.HttpClientRequest) =>
  Option.match(HttpClientRequest.toUrl(request), {
    onNone: () => Effect.succeed(request),
    onSome: (url) =>
      Effect.map(jar.headerFor(url), (header) =>
        header === undefined ? request : HttpClientRequest.setHeader(request, "cookie", header)
      )
  })

const keepCookies = (jar: CookieJar, { cookies, request }: HttpClientResponse) => {
  const url = HttpClientRequest.toUrl(request)
  return Option.isNone(url) || Cookies.isEmpty(cookies)
    ? Effect.void
    : jar.store(url.value, Cookies.toSetCookieHeaders(cookies))
}

type Held = ReadonlyArray<Cookies.Cookie>

const add = (
  held: Held,
  url: URL,
  setCookie: string,
  nowMillis: number,
  limits: Required<Options>
): Held => {
  const [parsed] = Object.values(Cookies.fromSetCookie(setCookie).cookies)
  if (parsed === undefined) return held
  if (parsed.name.length + parsed.valueEncoded.length > limits.cookieBytesMax) return held
  const cookie = withoutPublicSuffix(parsed, url.hostname)
  if (cookie === undefined || !keepsItsPromise(cookie, url)) return held
  const alone = Cookies.fromIterable([cookie])
  return Cookies.mergeIntoArray(held, url.href, alone, nowMillis)
}

/** A public suffix can be a host of its own, and may then have cookies for itself only. */
const withoutPublicSuffix = (cookie: Cookies.Cookie, host: string): Cookies.Cookie | undefined => {
  const domain = cookie.options?.domain?.replace(/^\./, "").toLowerCase()
  if (domain === undefined || domain === "") return cookie
  if (getPublicSuffix(domain, { allowPrivateDomains: true }) !== domain) return cookie
  if (domain !== host) return undefined
  const { domain: _, ...options } = cookie.options!
  return Cookies.makeCookieUnsafe(cookie.name, cookie.value, options)
}

const keepsItsPromise = ({ name, options }: Cookies.Cookie, url: URL): boolean => {
  const isSecure = url.protocol === "https:" && options?.secure === true
  if (options?.secure === true && !isSecure) return false
  if (/^__host-/i.test(name)) {
    return isSecure && options?.path === "/" && options.domain === undefined
  }
  return isSecure || !/^__secure-/i.test(name)
}

const bounded = (held: Held, { cookiesMax, cookiesPerDomainMax }: Required<Options>): Held => {
  const counts = new Map<string | undefined, number>()
  const newestFirst = held.toReversed().filter(({ options }) => {
    const count = (counts.get(options?.domain) ?? 0) + 1
    counts.set(options?.domain, count)
    return count <= cookiesPerDomainMax
  })
  return newestFirst.slice(0, cookiesMax).toReversed()
}
