/**
 * An `HttpClient` of Effect whose responses are complete, bounded and from public addresses.
 *
 * It has the limits of {@link Fetcher} for all methods: time limits, bounds on the body as sent and
 * decompressed, address checks at connect time. A redirect is returned and never followed, and nothing
 * is retried: `Redirects`, `Retry` and `CookieJar` add that.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import type * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { BodyTooLarge } from "./FetchError.ts"
import type { Options } from "./Fetcher.ts"
import { defaults } from "./Fetcher.ts"
import { BufferedResponse } from "./internal/bufferedResponse.ts"
import { acceptEncoding } from "./internal/contentEncoding.ts"
import * as NodeTransport from "./internal/nodeTransport.ts"

/**
 * Builds a client on Node's sockets. Connections are pooled by origin and closed with the layer.
 *
 * A failure is an `HttpClientError` whose reason is a `TransportError`, with one of the errors of
 * `FetchError` as its cause. Bodies, of requests too, are held in memory: a body of a request that is
 * a stream is read first, up to `bodyBytesMax`. Interrupting a request closes its connection.
 *
 * ```ts
 * import { HttpClient } from "effect/http"
 *
 * const asked = Effect.flip(HttpClient.get("http://169.254.169.254/latest/meta-data/"))
 * const { reason } = yield* Effect.provide(asked, Client.layerNode())
 * reason.message // => "Transport error (GET http://169.254.169.254/latest/meta-data/)"
 * ```
 *
 * @since 0.1.0
 */
export const layerNode = (
  options?: Omit<Options, "keepTruncated" | "keepSent" | "headersFor" | "cookies">
): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const settings = { ...defaults, ...options }
      const transport = yield* NodeTransport.make({
        ...settings,
        keepTruncated: false,
        keepSent: false,
        dns: options?.dns,
        proxy: options?.proxy
      })
      const standing = Headers.fromInput({
        "user-agent": settings.userAgent,
        "accept-encoding": acceptEncoding
      })
      return HttpClient.make((request, url) =>
        bodyOf(request.body, url, settings.bodyBytesMax).pipe(
          Effect.flatMap(({ body, headers }) =>
            transport({
              url,
              method: request.method,
              headers: Headers.setAll(Headers.merge(standing, request.headers), headers),
              body
            })
          ),
          Effect.mapBoth({
            onSuccess: (fetched) => new BufferedResponse(request, fetched),
            onFailure: (cause) =>
              new HttpClientError.HttpClientError({
                reason: new HttpClientError.TransportError({ request, cause })
              })
          })
        )
      )
    })
  )

interface SentBody {
  readonly body: Uint8Array | undefined
  readonly headers: Record<string, string>
}

const bodyOf = (
  body: HttpBody.HttpBody,
  url: URL,
  bodyBytesMax: number
): Effect.Effect<SentBody, unknown> => {
  if (body._tag === "Empty") return Effect.succeed({ body: undefined, headers: {} })
  const type = body.contentType === undefined ? {} : { "content-type": body.contentType }
  switch (body._tag) {
    case "Uint8Array":
      return Effect.succeed({ body: body.body, headers: type })
    case "Raw":
      return webBody(new Response(body.body as ConstructorParameters<typeof Response>[0]), type)
    case "FormData":
      return webBody(new Response(body.formData), {})
    case "Stream":
      return body.stream.pipe(
        Stream.limitBytes(bodyBytesMax, () =>
          Stream.fail<unknown>(new BodyTooLarge({ url: url.href, stage: "sent", bodyBytesMax }))
        ),
        Stream.mkUint8Array,
        Effect.map((all) => ({ body: all, headers: type }))
      )
  }
}

/** What the platform makes of a body, with the type that it gives it, such as a form's boundary. */
const webBody = (
  web: Response,
  headers: Record<string, string>
): Effect.Effect<SentBody, unknown> =>
  Effect.map(
    Effect.tryPromise(() => web.arrayBuffer()),
    (buffer) => {
      const type = web.headers.get("content-type")
      return {
        body: new Uint8Array(buffer),
        headers: { ...(type === null ? {} : { "content-type": type }), ...headers }
      }
    }
  )
