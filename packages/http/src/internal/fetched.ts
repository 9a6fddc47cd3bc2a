/** What one exchange gives. */
import type * as Headers from "effect/http/Headers"

/**
 * An answer before anything was made of it, but for its transfer coding.
 *
 * @since 0.1.0
 */
export interface Sent {
  /** What stands behind the status; often empty. */
  readonly statusText: string
  /** In the order and the spelling of the server, as far as the transport tells them. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** The body before decompression. */
  readonly body: Uint8Array
}

export interface Fetched {
  readonly url: string
  readonly status: number
  /** A header that came several times is one, joined by commas. */
  readonly headers: Headers.Headers
  /** Each Set-Cookie header on its own, as they cannot be joined. */
  readonly setCookies: ReadonlyArray<string>
  /** The body after decompression. */
  readonly body: Uint8Array
  /** The size of the body as it was sent, as far as it was read. */
  readonly bytesSent: number
  /** Whether the body is cut at `bodyBytesMax`; only with `keepTruncated`. */
  readonly truncated: boolean
  /** The same answer as it was sent; only with `keepSent`. */
  readonly sent?: Sent | undefined
}
