/**
 * Fetches one URL with hard limits on time, size, decompression and address.
 *
 * It is made for reading pages that strangers serve: a redirect is returned and never followed, a
 * body is decompressed and bounded, a private address is refused. Nothing is retried.
 *
 * @since 0.1.0
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { AddressRefused, kindOf, literalIn } from "./Address.ts"
import {
  BodyTooLarge,
  type FetchError,
  FetchTimedOut,
  TlsFailed,
  TransportFailed
} from "./FetchError.ts"
import { acceptEncoding, decode } from "./internal/contentEncoding.ts"
import { guardedLookup } from "./internal/guardedLookup.ts"

/**
 * A complete response of any status.
 *
 * @since 0.1.0
 */
export interface Fetched {
  readonly url: string
  readonly status: number
  readonly headers: Headers.Headers
  /** The body after decompression. */
  readonly body: Uint8Array
  /** The size of the body as it was sent. */
  readonly bytesSent: number
}

/**
 * The limits of a fetcher and what it says of itself.
 *
 * @since 0.1.0
 */
export interface Options {
  /** The User-Agent header. Default `fibra`. */
  readonly userAgent?: string
  /** From the request to the last byte of the body. Default 30 seconds. */
  readonly timeout?: Duration.Input
  /** Bound on the body, both as sent and decompressed. Default 10 MiB. */
  readonly bodyBytesMax?: number
  /** Also fetches loopback, private and other addresses that are not public. Default `false`. */
  readonly allowPrivate?: boolean
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = {
  userAgent: "fibra",
  timeout: "30 seconds",
  bodyBytesMax: 10 * 1024 * 1024,
  allowPrivate: false
} as const satisfies Required<Options>

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
     * Interrupting it aborts the request and closes its connection.
     */
    fetch(url: URL, headers?: Headers.Input): Effect.Effect<Fetched, FetchError>
  }
>()("@fibra/http/Fetcher") {}

/**
 * Builds a fetcher on any `HttpClient`; only addresses written in the URL are checked by it.
 *
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Fetcher, never, HttpClient.HttpClient> =>
  Layer.effect(
    Fetcher,
    Effect.map(HttpClient.HttpClient, (client) => make(client, options))
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
export const layerNode = (options?: Options): Layer.Layer<Fetcher> => {
  const connect =
    options?.allowPrivate === true
      ? { timeout: connectTimeoutMillis }
      : { timeout: connectTimeoutMillis, lookup: guardedLookup }
  return layer(options).pipe(
    // Hazard: layers are shared by identity. Without `fresh`, a second fetcher in one program would
    // get the client of the first, and with it the first one's address check.
    Layer.provide(Layer.fresh(NodeHttpClient.layerUndiciNoDispatcher)),
    Layer.provide(NodeHttpClient.layerDispatcherOptions({ connect }))
  )
}

const connectTimeoutMillis = 10_000

const make = (client: HttpClient.HttpClient, options?: Options): Fetcher["Service"] => {
  const limits = { ...defaults, ...options }
  const timeout = Duration.fromInputUnsafe(limits.timeout)
  const standing = {
    "user-agent": limits.userAgent,
    accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5",
    "accept-encoding": acceptEncoding
  }
  const exchange = Effect.fnUntraced(function* (url: URL, headers: Headers.Input | undefined) {
    const request = HttpClientRequest.get(url.href, { headers: standing })
    const sent = headers === undefined ? request : HttpClientRequest.setHeaders(request, headers)
    const response = yield* client.execute(sent).pipe(Effect.mapError(toFetchError(url)))
    const wire = yield* readBody(response, url, limits.bodyBytesMax)
    const body = yield* decode(wire, response.headers["content-encoding"], url, limits.bodyBytesMax)
    const { status, headers: received } = response
    return { url: url.href, status, headers: received, body, bytesSent: wire.length }
  })
  return {
    fetch: (url, headers) => {
      const literal = literalIn(url)
      if (literal !== undefined && !limits.allowPrivate && kindOf(literal) !== "public") {
        const kind = kindOf(literal)
        return Effect.fail(new AddressRefused({ host: literal, address: literal, kind }))
      }
      return exchange(url, headers).pipe(
        Effect.timeoutOrElse({
          duration: timeout,
          orElse: () => Effect.fail(new FetchTimedOut({ url: url.href, limit: timeout }))
        }),
        // A stranger's server has no use for our trace ids, and a span per page costs more than it.
        Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
      )
    }
  }
}

const readBody = (
  response: HttpClientResponse,
  url: URL,
  bodyBytesMax: number
): Effect.Effect<Uint8Array, FetchError> =>
  Effect.suspend(() => {
    const tooLarge = new BodyTooLarge({ url: url.href, stage: "sent", bodyBytesMax })
    if (Number(response.headers["content-length"] ?? 0) > bodyBytesMax) return Effect.fail(tooLarge)
    const chunks: Array<Uint8Array> = []
    let bytes = 0
    return response.stream.pipe(
      Stream.mapError(toFetchError(url)),
      Stream.runForEachArray((arrived) => {
        for (const chunk of arrived) {
          chunks.push(chunk)
          bytes += chunk.length
        }
        return bytes > bodyBytesMax ? Effect.fail(tooLarge) : Effect.void
      }),
      Effect.map(() => concat(chunks, bytes))
    )
  })

const concat = (chunks: ReadonlyArray<Uint8Array>, bytes: number): Uint8Array => {
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(bytes)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}

const toFetchError =
  (url: URL) =>
  (error: HttpClientError): FetchError => {
    const cause = error.reason.cause
    if (cause instanceof AddressRefused) return cause
    const code = codeOf(cause)
    if (code !== undefined && tlsCode.test(code)) {
      return new TlsFailed({ url: url.href, code, isCertificate: !handshakeCode.test(code), cause })
    }
    return new TransportFailed({ url: url.href, code, cause })
  }

// OpenSSL's verification results and Node's own names of TLS errors.
const tlsCode =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/
const handshakeCode = /^(ERR_SSL|EPROTO)/

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined
