/** A response of Effect's client around a body that is complete. */
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import * as Headers from "effect/http/Headers"
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
import { decode } from "../Charset.ts"
import type { Fetched } from "./fetched.ts"

type Failure = HttpClientError.HttpClientError

/** A class, for one is made for each request: what is not asked for costs nothing. */
export class BufferedResponse
  extends Inspectable.Class
  implements HttpClientResponse.HttpClientResponse
{
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId =
    HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly request: HttpClientRequest
  readonly status: number
  readonly headers: Headers.Headers
  readonly url: string
  readonly remoteAddress: Option.Option<string> = Option.none()
  readonly #body: Uint8Array
  readonly #setCookies: ReadonlyArray<string>

  constructor(request: HttpClientRequest, fetched: Fetched) {
    super()
    this.request = request
    this.status = fetched.status
    // The body is decoded: what describes the encoded one would mislead those who pass it on.
    this.headers =
      fetched.headers["content-encoding"] === undefined
        ? fetched.headers
        : Headers.removeMany(fetched.headers, ["content-encoding", "content-length"])
    this.url = fetched.url.split("#")[0]!
    this.#body = fetched.body
    this.#setCookies = fetched.setCookies
  }

  get cookies(): Cookies.Cookies {
    return Cookies.fromSetCookie(this.#setCookies)
  }

  get stream(): Stream.Stream<Uint8Array, Failure> {
    return this.#body.length === 0 ? Stream.empty : Stream.succeed(this.#body)
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, Failure> {
    // A copy where the body is a part of a larger buffer, which is not the reader's.
    return Effect.sync(() => Uint8Array.from(this.#body).buffer)
  }

  get text(): Effect.Effect<string, Failure> {
    return Effect.sync(() => decode(this.#body, this.headers["content-type"]))
  }

  // JSON is UTF-8 (RFC 8259, 8.1).
  get json(): Effect.Effect<Schema.Json, Failure> {
    return this.#attempt(() => {
      const text = new TextDecoder().decode(this.#body)
      return text === "" ? null : (JSON.parse(text) as Schema.Json)
    })
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, Failure> {
    return Effect.flatMap(this.text, (text) =>
      this.#attempt(() => UrlParams.fromInput(new URLSearchParams(text)))
    )
  }

  get formData(): Effect.Effect<FormData, Failure> {
    return Effect.tryPromise({
      try: () => {
        const headers = { "content-type": this.headers["content-type"] ?? "" }
        return new Response(Uint8Array.from(this.#body), { headers }).formData()
      },
      catch: (cause) => this.#decodeError(cause)
    })
  }

  get upgrade(): Effect.Effect<never, Failure> {
    return Effect.suspend(() => {
      const description = "a response that is read whole has no connection to hand over"
      const reason = new HttpClientError.StatusCodeError({
        request: this.request,
        response: this,
        description
      })
      return Effect.fail(new HttpClientError.HttpClientError({ reason }))
    })
  }

  toJSON(): unknown {
    const { request, status } = this
    const own = { _id: "HttpClientResponse", request: request.toJSON(), status }
    return HttpIncomingMessage.inspect(this, own)
  }

  pipe() {
    return pipeArguments(this, arguments)
  }

  #attempt<A>(read: () => A): Effect.Effect<A, Failure> {
    return Effect.try({ try: read, catch: (cause) => this.#decodeError(cause) })
  }

  #decodeError(cause: unknown): Failure {
    const reason = new HttpClientError.DecodeError({ request: this.request, response: this, cause })
    return new HttpClientError.HttpClientError({ reason })
  }
}
