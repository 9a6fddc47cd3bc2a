/** Undoes the Content-Encoding of a body, with bounds on what comes out. */
import * as Result from "effect/Result"
import * as zlib from "node:zlib"
import { BodyTooLarge, BodyUndecodable } from "../FetchError.ts"

/** What this client tells servers that it can decode. */
export const acceptEncoding = "gzip, deflate, br, zstd"

/** More encodings than this on one body serve no one but attackers. */
const encodingsMax = 2

/**
 * The ratio counts from this size on: a short body of one repeated letter is no bomb.
 */
const ratioFreeBytes = 1024 * 1024

/** Up to this size the way to the thread pool and back costs more than the decoding. */
const syncBytesMax = 16 * 1024

/** What one way to the thread pool and back decodes, at the most. */
const chunkSize = 64 * 1024

export interface Coded {
  readonly url: string
  readonly body: Uint8Array
  /** The body was cut while it arrived: its end is missing. */
  readonly isCut: boolean
  readonly contentEncoding: string | undefined
  readonly bodyBytesMax: number
  readonly ratioMax: number
  /** A body past `bodyBytesMax` is cut there, and not refused. */
  readonly keepTruncated: boolean
}

export interface Decoded {
  readonly body: Uint8Array
  readonly truncated: boolean
}

export type DecodeError = BodyTooLarge | BodyUndecodable

/** Whether there is anything to decode. */
export const isPlain = (contentEncoding: string | undefined): boolean =>
  contentEncoding === undefined || contentEncoding === "identity" || contentEncoding === ""

/**
 * Decodes a body, last encoding first, and hands the result to `done`, at once or later.
 *
 * Gives `BodyTooLarge` when a step would give more than `bodyBytesMax`, or more than `ratioMax` times
 * what was sent, and `BodyUndecodable` when the data is damaged or its encoding is not known. The
 * beginning of a body that is kept truncated is decoded as far as it goes.
 */
export const decode = (
  coded: Coded,
  done: (result: Result.Result<Decoded, DecodeError>) => void
): void => {
  const { body, contentEncoding, isCut } = coded
  const names = (contentEncoding ?? "").split(",").map((name) => name.trim().toLowerCase())
  const encodings = names.filter((name) => name !== "" && name !== "identity")
  if (encodings.length === 0 || body.length === 0) {
    return done(Result.succeed({ body, truncated: isCut }))
  }
  if (encodings.length > encodingsMax) {
    return done(
      Result.fail(undecodable(coded, new Error(`more than ${encodingsMax} nested encodings`)))
    )
  }
  const step = (state: Decoded, left: ReadonlyArray<string>): void => {
    const name = left.at(-1)
    if (name === undefined) return done(Result.succeed(state))
    decodeOne(coded, state, name, (result) =>
      Result.isFailure(result) ? done(result) : step(result.success, left.slice(0, -1))
    )
  }
  step({ body, truncated: isCut }, encodings)
}

type Done = (result: Result.Result<Decoded, DecodeError>) => void

const decodeOne = (coded: Coded, { body, truncated }: Decoded, name: string, done: Done): void => {
  const codec = codecOf(name, body)
  if (codec === undefined) {
    return done(Result.fail(undecodable(coded, new Error(`unknown encoding ${name}`))))
  }
  const allowed = Math.max(ratioFreeBytes, coded.body.length * coded.ratioMax)
  const limit = Math.min(coded.bodyBytesMax, allowed)
  if (truncated) return decodePrefix(coded, codec, body, limit, done)

  const settle = (error: Error | null, decoded: Uint8Array | undefined) => {
    if (decoded !== undefined && error === null) {
      return done(Result.succeed({ body: decoded, truncated: false }))
    }
    if (!isOverflow(error)) return done(Result.fail(undecodable(coded, error!)))
    if (allowed < coded.bodyBytesMax || !coded.keepTruncated) {
      return done(Result.fail(tooLarge(coded, limit)))
    }
    decodePrefix(coded, codec, body, limit, done)
  }
  if (body.length > syncBytesMax)
    return codec.whole(body, { maxOutputLength: limit, chunkSize }, settle)
  const result = Result.try(() => codec.wholeSync(body, { maxOutputLength: limit }))
  return Result.isSuccess(result)
    ? settle(null, result.success)
    : settle(result.failure as Error, undefined)
}

/** Decodes until the limit, or until the data ends; an end in the wrong place is expected. */
const decodePrefix = (
  coded: Coded,
  codec: Codec,
  body: Uint8Array,
  limit: number,
  done: Done
): void => {
  const decoder = codec.stream()
  const pieces: Array<Uint8Array> = []
  let bytes = 0
  let isDone = false
  const finish = (error?: Error) => {
    if (isDone) return
    isDone = true
    decoder.destroy()
    if (bytes === 0 && error !== undefined) return done(Result.fail(undecodable(coded, error)))
    const whole = Buffer.concat(pieces)
    done(Result.succeed({ body: whole.subarray(0, limit), truncated: true }))
  }
  decoder.on("data", (piece: Uint8Array) => {
    pieces.push(piece)
    bytes += piece.length
    if (bytes < limit) return
    if (limit < coded.bodyBytesMax) {
      isDone = true
      decoder.destroy()
      return done(Result.fail(tooLarge(coded, limit)))
    }
    finish()
  })
  decoder.on("end", () => finish())
  decoder.on("error", finish)
  decoder.end(body)
}

const tooLarge = ({ bodyBytesMax, ratioMax, url }: Coded, limit: number) =>
  limit < bodyBytesMax
    ? new BodyTooLarge({ url, stage: "decompressed", bodyBytesMax: limit, ratioMax })
    : new BodyTooLarge({ url, stage: "decompressed", bodyBytesMax })

const undecodable = ({ contentEncoding, url }: Coded, cause: Error) =>
  new BodyUndecodable({ url, encoding: contentEncoding ?? "", cause })

const isOverflow = (error: Error | null): boolean =>
  error !== null && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"

interface Codec {
  readonly whole: (
    body: Uint8Array,
    options: { readonly maxOutputLength: number; readonly chunkSize: number },
    callback: (error: Error | null, decoded: Uint8Array) => void
  ) => void
  readonly wholeSync: (
    body: Uint8Array,
    options: { readonly maxOutputLength: number }
  ) => Uint8Array
  readonly stream: () => NodeJS.ReadWriteStream & { destroy(): void }
}

const codecOf = (name: string, body: Uint8Array): Codec | undefined => {
  switch (name) {
    case "gzip":
    case "x-gzip":
      return gzip
    case "br":
      return brotli
    case "zstd":
      return zstd
    case "deflate":
      // The field says zlib format (RFC 9110, 8.4.1.2), yet some servers send raw deflate data.
      return looksLikeZlib(body) ? deflate : rawDeflate
    default:
      return undefined
  }
}

const looksLikeZlib = (body: Uint8Array): boolean =>
  body.length >= 2 && (body[0]! & 15) === 8 && ((body[0]! << 8) | body[1]!) % 31 === 0

const gzip: Codec = {
  whole: zlib.gunzip,
  wholeSync: zlib.gunzipSync,
  stream: () => zlib.createGunzip({ chunkSize })
}
const deflate: Codec = {
  whole: zlib.inflate,
  wholeSync: zlib.inflateSync,
  stream: () => zlib.createInflate({ chunkSize })
}
const rawDeflate: Codec = {
  whole: zlib.inflateRaw,
  wholeSync: zlib.inflateRawSync,
  stream: () => zlib.createInflateRaw({ chunkSize })
}
const brotli: Codec = {
  whole: zlib.brotliDecompress,
  wholeSync: zlib.brotliDecompressSync,
  stream: () => zlib.createBrotliDecompress({ chunkSize })
}
const zstd: Codec = {
  whole: zlib.zstdDecompress,
  wholeSync: zlib.zstdDecompressSync,
  stream: () => zlib.createZstdDecompress({ chunkSize })
}
