/** What one exchange gives. */
import type * as Headers from "effect/http/Headers"

export interface Fetched {
  readonly url: string
  readonly status: number
  readonly headers: Headers.Headers
  /** The body after decompression. */
  readonly body: Uint8Array
  /** The size of the body as it was sent, as far as it was read. */
  readonly bytesSent: number
  /** Whether the body is cut at `bodyBytesMax`; only with `keepTruncated`. */
  readonly truncated: boolean
}
