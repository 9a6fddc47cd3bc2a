/**
 * Fetches one URL with hard limits on time, size, decompression and address.
 *
 * It is made for reading pages that strangers serve: a redirect is returned and never followed, a
 * body is decompressed and bounded, a private address is refused. Nothing is retried.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import type * as Dns from "effect/net/Dns"
import type { CookieJar } from "./CookieJar.ts"
import type { FetchError } from "./FetchError.ts"
import { receive } from "./internal/clientTransport.ts"
import { acceptEncoding } from "./internal/contentEncoding.ts"
import type { Fetched } from "./internal/fetched.ts"
import * as Limits from "./internal/limits.ts"
import { begin, refusal } from "./internal/nodeTransport.ts"
import * as NodeTransport from "./internal/nodeTransport.ts"
import * as Watchdog from "./internal/watchdog.ts"

/**
 * A complete response of any status.
 *
 * @since 0.1.0
 */
export type { Fetched, Sent } from "./internal/fetched.ts"

/**
 * The limits of a fetcher and what it says of itself. Time limits are looked at several times in the
 * shortest of them, and at least four times a second.
 *
 * @since 0.1.0
 */
export interface Options {
  /** The User-Agent header. Default `fibra`. */
  readonly userAgent?: string
  /**
   * Headers to send to a URL, beside those that every request has; those of the single `fetch` win.
   * Default: none. It is asked for each URL, so that a secret goes where it belongs and nowhere else.
   */
  readonly headersFor?: ((url: URL) => Headers.Input | undefined) | undefined
  /** Cookies that are sent, and to which those that answers set are added. Default: none. */
  readonly cookies?: CookieJar | undefined
  /** From the request to the last byte of the body. Default 30 seconds. */
  readonly timeout?: Duration.Input
  /** From the request to the end of the head of the response, connecting included. Default 15 seconds. */
  readonly headersTimeout?: Duration.Input
  /** Between two pieces of the body. Default 15 seconds. */
  readonly idleTimeout?: Duration.Input
  /** The rate at which a body must arrive in the mean, from its tenth second on. Default 1000; 0 for none. */
  readonly bytesPerSecondMin?: number
  /** Bound on the body, both as sent and decompressed. Default 10 MiB. */
  readonly bodyBytesMax?: number
  /** Bound on decompressed by sent size, for what is larger than 1 MiB decompressed. Default 200. */
  readonly ratioMax?: number
  /** Whether a body past `bodyBytesMax` is cut there and given, and not refused. Default `false`. */
  readonly keepTruncated?: boolean
  /** Whether an answer is also kept as it was sent, as for an archive. Default `false`. */
  readonly keepSent?: boolean
  /** Bound on the head of a response. Default 64 KiB. */
  readonly headerBytesMax?: number
  /** Connections to one origin; further fetches of it wait for their turn, in order. Default 64. */
  readonly connectionsPerOrigin?: number
  /** Also fetches loopback, private and other addresses that are not public. Default `false`. */
  readonly allowPrivate?: boolean
  /**
   * An HTTP proxy (`http:` or `https:`, with credentials or without) that all requests go through; its own
   * address may be private. Only addresses written in a URL are checked then, as it is the proxy that
   * resolves names. Default: none. Of `layerNode` only.
   */
  readonly proxy?: URL | undefined
  /** Resolves host names. Default: the resolver of the system. */
  readonly dns?: Dns.Dns["Service"]
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = {
  userAgent: "fibra",
  timeout: "30 seconds",
  headersTimeout: "15 seconds",
  idleTimeout: "15 seconds",
  bytesPerSecondMin: 1000,
  bodyBytesMax: 10 * 1024 * 1024,
  ratioMax: 200,
  keepTruncated: false,
  keepSent: false,
  headerBytesMax: 64 * 1024,
  connectionsPerOrigin: 64,
  allowPrivate: false
} as const satisfies Required<Omit<Options, "dns" | "headersFor" | "cookies" | "proxy">>

/**
 * Fetches pages within its limits.
 *
 * @since 0.1.0
 */
export class Fetcher extends Context.Service<
  Fetcher,
  {
    /**
     * Sends one GET request and reads the whole response, whatever its status.
     *
     * With `firstBytes` it reads so much of the body, whatever `bodyBytesMax` is, and the rest is not wanted.
     * Interrupting it aborts the request and closes its connection.
     */
    fetch(
      url: URL,
      headers?: Headers.Input,
      firstBytes?: number
    ): Effect.Effect<Fetched, FetchError>
  }
>()("@fibra/http/Fetcher") {}

/**
 * Builds a fetcher on any `HttpClient`, such as a simulated one. Connections are those of that
 * client, and only addresses written in the URL are checked.
 *
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Fetcher, never, HttpClient.HttpClient> =>
  Layer.effect(
    Fetcher,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const settings = { ...defaults, ...options }
      const limits = Limits.make(settings)
      const watchdog = yield* Watchdog.make(limits)
      const send: Send = (url, headers, firstBytes) =>
        receive(client, HttpClientRequest.get(url.href, { headers }), (settle) =>
          begin(url, "GET", Limits.forFirst(limits, firstBytes), watchdog, settle)
        )
      return make(settings, (url, headers, firstBytes) => {
        const refused = settings.allowPrivate ? undefined : refusal(url)
        return refused === undefined ? send(url, headers, firstBytes) : Effect.fail(refused)
      })
    })
  )

/**
 * Builds a fetcher on Node's sockets, which also checks each address that a host name resolves to
 * at the moment of the connection.
 *
 * Connections are pooled by origin and closed with the layer. Connecting may take 10 seconds.
 *
 * ```ts
 * const fetcher = yield* Fetcher.Fetcher.pipe(Effect.provide(Fetcher.layerNode()))
 * const refused = yield* Effect.flip(fetcher.fetch(new URL("http://127.0.0.1/")))
 * refused._tag // => "AddressRefused"
 * ```
 *
 * @since 0.1.0
 */
export const layerNode = (options?: Options): Layer.Layer<Fetcher> =>
  // Hazard: layers are shared by identity. This one is made anew by each call, so that a second
  // fetcher in one program has its own connections, and with them its own address check.
  Layer.effect(
    Fetcher,
    Effect.gen(function* () {
      const settings = { ...defaults, ...options }
      const transport = yield* NodeTransport.make({
        ...settings,
        dns: options?.dns,
        proxy: options?.proxy
      })
      return make(settings, (url, headers, firstBytes) =>
        transport({ url, method: "GET", headers, body: undefined, firstBytes })
      )
    })
  )

type Send = (
  url: URL,
  headers: Headers.Headers,
  firstBytes: number | undefined
) => Effect.Effect<Fetched, FetchError>

const make = (
  settings: Pick<Options, "headersFor" | "cookies"> & { readonly userAgent: string },
  send: Send
): Fetcher["Service"] => {
  const standing = Headers.fromInput({
    "user-agent": settings.userAgent,
    accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5",
    "accept-encoding": acceptEncoding
  })
  const { cookies, headersFor } = settings
  const headersOf = (url: URL, own: Headers.Input | undefined) => {
    const extra = headersFor?.(url)
    const all = extra === undefined ? standing : Headers.setAll(standing, extra)
    return own === undefined ? all : Headers.setAll(all, own)
  }
  if (cookies === undefined) {
    return {
      fetch: (url, headers, firstBytes) =>
        Effect.suspend(() => send(url, headersOf(url, headers), firstBytes))
    }
  }
  return {
    fetch: Effect.fnUntraced(function* (url, headers, firstBytes) {
      const cookie = yield* cookies.headerFor(url)
      const all = headersOf(url, headers)
      const isAdded = cookie !== undefined && all["cookie"] === undefined
      const sent = isAdded ? Headers.set(all, "cookie", cookie) : all
      const fetched = yield* send(url, sent, firstBytes)
      if (fetched.setCookies.length > 0) yield* cookies.store(url, fetched.setCookies)
      return fetched
    })
  }
}
