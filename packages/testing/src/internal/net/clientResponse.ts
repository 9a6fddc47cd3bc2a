/** The response of a simulated exchange, whose body can be read once, as that of a socket. */
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import type * as Headers from "effect/http/Headers"
import * as HttpClientError from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as UrlParams from "effect/http/UrlParams"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import { pipeArguments } from "effect/Pipeable"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Connection } from "./ledger.ts"
import * as NetCause from "./netCause.ts"

export interface Head {
  readonly request: HttpClientRequest
  readonly url: string
  readonly status: number
  readonly headers: Headers.Headers
  readonly cookies: Cookies.Cookies
}

/** Makes the response of an exchange; `body` is what will arrive, or `undefined` for nothing. */
export const make = Effect.fnUntraced(function* (
  head: Head,
  body: Stream.Stream<Uint8Array, Error> | undefined,
  connection: Connection
): Effect.fn.Return<HttpClientResponse.HttpClientResponse> {
  const { request } = head
  let isRead = false

  const decodeError = (cause: unknown) =>
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.DecodeError({ request, response, cause })
    })
  const attempt = <A>(read: () => A) => Effect.try({ try: read, catch: decodeError })

  /** The body the first time; later what the real client says of a body that was read. */
  const once = (later: Stream.Stream<Uint8Array, Error>) =>
    Stream.suspend(() => {
      if (body === undefined) return Stream.empty
      if (isRead) return connection.cause instanceof Error ? Stream.fail(connection.cause) : later
      isRead = true
      return body
    }).pipe(Stream.mapError(decodeError))

  const bytes = yield* Effect.cached(Stream.mkUint8Array(once(Stream.fail(NetCause.unusable()))))
  const text = Effect.map(bytes, (all) => new TextDecoder().decode(all))

  const response: HttpClientResponse.HttpClientResponse = {
    ...Inspectable.BaseProto,
    ...head,
    [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId,
    [HttpClientResponse.TypeId]: HttpClientResponse.TypeId,
    remoteAddress: Option.none(),
    stream: once(Stream.empty),
    arrayBuffer: Effect.map(bytes, ({ buffer }) => buffer),
    text,
    json: Effect.flatMap(text, (all) =>
      attempt((): Schema.Json => (all === "" ? null : JSON.parse(all)))
    ),
    urlParamsBody: Effect.flatMap(text, (all) =>
      attempt(() => UrlParams.fromInput(new URLSearchParams(all)))
    ),
    formData: Effect.flatMap(bytes, (all) =>
      Effect.tryPromise({
        try: () => new Response(all, { headers: head.headers }).formData(),
        catch: decodeError
      })
    ),
    upgrade: Effect.suspend(() => {
      const description = "a simulated host has no connection to hand over"
      const reason = new HttpClientError.StatusCodeError({ request, response, description })
      return Effect.fail(new HttpClientError.HttpClientError({ reason }))
    }),
    toJSON() {
      const { status } = head
      const own = { _id: "HttpClientResponse", request: request.toJSON(), status }
      return HttpIncomingMessage.inspect(response, own)
    },
    pipe() {
      return pipeArguments(this, arguments)
    }
  }
  return response
})
