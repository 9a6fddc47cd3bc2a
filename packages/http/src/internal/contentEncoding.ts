/** Undoes the Content-Encoding of a body, with a bound on what comes out. */
import * as Effect from "effect/Effect"
import * as zlib from "node:zlib"
import { BodyTooLarge, BodyUndecodable } from "../FetchError.ts"

type Decoder = (
  body: Uint8Array,
  options: { readonly maxOutputLength: number },
  callback: (error: Error | null, decoded: Uint8Array) => void
) => void

const decoders: Record<string, Decoder> = {
  gzip: zlib.gunzip,
  "x-gzip": zlib.gunzip,
  br: zlib.brotliDecompress,
  zstd: zlib.zstdDecompress,
  // The field says zlib format (RFC 9110, 8.4.1.2), yet some servers send raw deflate data.
  deflate: (body, options, callback) =>
    looksLikeZlib(body)
      ? zlib.inflate(body, options, callback)
      : zlib.inflateRaw(body, options, callback)
}

const looksLikeZlib = (body: Uint8Array): boolean =>
  body.length >= 2 && (body[0]! & 15) === 8 && ((body[0]! << 8) | body[1]!) % 31 === 0

/** What this client tells servers that it can decode. */
export const acceptEncoding = "gzip, deflate, br, zstd"

/** More encodings than this on one body serve no one but attackers. */
const encodingsMax = 2

/**
 * Decodes a body, last encoding first.
 *
 * Fails with `BodyTooLarge` when a step would give more than `bodyBytesMax`, which a gzip bomb
 * does, and with `BodyUndecodable` when the data is damaged or its encoding is not known.
 */
export const decode = (
  body: Uint8Array,
  header: string | undefined,
  url: URL,
  bodyBytesMax: number
): Effect.Effect<Uint8Array, BodyTooLarge | BodyUndecodable> => {
  const names = (header ?? "").split(",").map((name) => name.trim().toLowerCase())
  const encodings = names.filter((name) => name !== "" && name !== "identity")
  if (encodings.length === 0 || body.length === 0) return Effect.succeed(body)

  const undecodable = (cause: Error) =>
    new BodyUndecodable({ url: url.href, encoding: header ?? "", cause })
  if (encodings.length > encodingsMax) {
    return Effect.fail(undecodable(new Error(`more than ${encodingsMax} nested encodings`)))
  }
  const decodeOne = (bytes: Uint8Array, name: string) =>
    Effect.callback<Uint8Array, BodyTooLarge | BodyUndecodable>((resume) => {
      const decoder = decoders[name]
      if (decoder === undefined) return resume(Effect.fail(undecodable(new Error("unknown"))))
      decoder(bytes, { maxOutputLength: bodyBytesMax }, (error, decoded) => {
        if (error === null) return resume(Effect.succeed(decoded))
        const tooLarge = "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
        const stage = "decompressed"
        resume(
          Effect.fail(
            tooLarge ? new BodyTooLarge({ url: url.href, stage, bodyBytesMax }) : undecodable(error)
          )
        )
      })
    })
  return Effect.reduce(encodings.toReversed(), () => body, decodeOne)
}
