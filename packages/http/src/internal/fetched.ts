/** What one exchange gives. */
import type * as Headers from "effect/http/Headers"

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
}
