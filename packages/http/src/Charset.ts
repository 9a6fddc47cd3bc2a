/**
 * Decodes the bytes of an HTML page into text, whatever charset its author used.
 *
 * The charset comes from the byte order mark, else from the Content-Type header, else from a
 * `<meta>` element in the first 1,024 bytes, else it is guessed by the rules of the HTML standard
 * (https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding).
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import { getEncoding } from "encoding-sniffer"
import { isUtf8 } from "node:buffer"

/**
 * Decodes a page; bytes that are not valid in its charset become U+FFFD, and it never fails.
 *
 * ```ts
 * const latin1 = Uint8Array.of(0x63, 0x61, 0x66, 0xe9)
 * Charset.decode(latin1, "text/html; charset=iso-8859-1") // => "café"
 * ```
 *
 * @since 0.1.0
 */
export const decode = (body: Uint8Array, contentType: string | undefined): string => {
  const declared = contentType === undefined ? undefined : labelIn(contentType)
  const label = getEncoding(body, {
    ...(declared === undefined ? {} : { transportLayerEncodingLabel: declared }),
    // Pages without any declaration are UTF-8 today far more often than the standard's fallback.
    defaultEncoding: isUtf8(body) ? "utf-8" : "windows-1252"
  })
  // The standard knows labels (`replacement`, `x-user-defined`) for which there is no decoder.
  const decoder = Result.getOrElse(
    Result.try(() => new TextDecoder(label)),
    () => new TextDecoder()
  )
  return decoder.decode(body)
}

const labelIn = (contentType: string): string | undefined =>
  /charset\s*=\s*["']?\s*([^\s"';]+)/i.exec(contentType)?.[1]
