/**
 * Compressed files as a sequence of members, each of which says how long it is and decodes by itself.
 *
 * Any reader of gzip or Zstandard takes such a file, whole or up to the end of any member. What we add
 * stands where their formats keep room for it: in the extra field of a gzip header (RFC 1952, 2.3.1.1),
 * and in a skippable frame before each Zstandard frame (RFC 8878, 3.1.2).
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as zlib from "node:zlib"

export interface Codec {
  /** How each member starts. */
  readonly start: Uint8Array
  /** Bytes before the compressed data of a member: the start, and 8 bytes about the member. */
  readonly headerBytes: number
  readonly pack: (bytes: Uint8Array, rows: number) => Effect.Effect<Uint8Array, CodecFailed>
  /** What a member says of itself; `undefined` when these bytes do not start one of ours. */
  readonly readHeader: (bytes: Uint8Array) => Header | undefined
  /** Fails when the member is not as it was packed. */
  readonly unpack: (member: Uint8Array) => Effect.Effect<Uint8Array, CodecFailed>
}

interface Header {
  /** Of the whole member, with its header. */
  readonly memberBytes: number
  readonly rows: number
}

class CodecFailed extends Data.TaggedError("CodecFailed")<{ readonly cause: unknown }> {
  override get message(): string {
    return `these bytes cannot be ${this.cause instanceof Error ? `decoded: ${this.cause.message}` : "decoded"}`
  }
}

type Callback = (error: Error | null, result: Uint8Array) => void

/** On a thread of the pool, where the main thread does not wait for it. */
const inBackground = (run: (callback: Callback) => void): Effect.Effect<Uint8Array, CodecFailed> =>
  Effect.callback((resume) => {
    run((cause, result) =>
      resume(cause === null ? Effect.succeed(result) : Effect.fail(new CodecFailed({ cause })))
    )
  })

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

// Magic, deflate, an extra field, no time, any system; 12 bytes of it: our name and 8 bytes of ours.
const gzipStart = Uint8Array.of(0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 12, 0, 0x46, 0x69, 8, 0)
const gzipHeaderBytes = gzipStart.length + 8
const gzipTrailerBytes = 8

export const gzip: Codec = {
  start: gzipStart,
  headerBytes: gzipHeaderBytes,
  pack: (bytes, rows) =>
    Effect.map(
      inBackground((callback) => zlib.deflateRaw(bytes, callback)),
      (packed) => {
        const member = new Uint8Array(gzipHeaderBytes + packed.length + gzipTrailerBytes)
        const view = viewOf(member)
        member.set(gzipStart)
        view.setUint32(gzipStart.length, member.length, true)
        view.setUint32(gzipStart.length + 4, rows, true)
        member.set(packed, gzipHeaderBytes)
        view.setUint32(member.length - 8, zlib.crc32(bytes), true)
        view.setUint32(member.length - 4, bytes.length, true)
        return member
      }
    ),
  readHeader: (bytes) => headerAfter(bytes, gzipStart),
  unpack: (member) =>
    Effect.flatMap(
      inBackground((callback) =>
        zlib.inflateRaw(member.subarray(gzipHeaderBytes, -gzipTrailerBytes), callback)
      ),
      (bytes) => {
        const view = viewOf(member)
        const isSame =
          view.getUint32(member.length - 8, true) === zlib.crc32(bytes) &&
          view.getUint32(member.length - 4, true) === bytes.length
        return isSame
          ? Effect.succeed(bytes)
          : Effect.fail(new CodecFailed({ cause: new Error("the checksum differs") }))
      }
    )
}

// A skippable frame of 12 bytes: our name and 8 bytes of ours.
const zstdStart = Uint8Array.of(0x5f, 0x2a, 0x4d, 0x18, 12, 0, 0, 0, 0x46, 0x69, 0x62, 0x72)
const zstdHeaderBytes = zstdStart.length + 8
const zstdParams = { [zlib.constants.ZSTD_c_checksumFlag]: 1 }

export const zstd: Codec = {
  start: zstdStart,
  headerBytes: zstdHeaderBytes,
  pack: (bytes, rows) =>
    Effect.map(
      inBackground((callback) => zlib.zstdCompress(bytes, { params: zstdParams }, callback)),
      (frame) => {
        const member = new Uint8Array(zstdHeaderBytes + frame.length)
        const view = viewOf(member)
        member.set(zstdStart)
        view.setUint32(zstdStart.length, member.length, true)
        view.setUint32(zstdStart.length + 4, rows, true)
        member.set(frame, zstdHeaderBytes)
        return member
      }
    ),
  readHeader: (bytes) => headerAfter(bytes, zstdStart),
  unpack: (member) =>
    inBackground((callback) => zlib.zstdDecompress(member.subarray(zstdHeaderBytes), callback))
}

const headerAfter = (bytes: Uint8Array, start: Uint8Array): Header | undefined => {
  if (bytes.length < start.length + 8) return undefined
  if (start.some((byte, index) => bytes[index] !== byte)) return undefined
  const view = viewOf(bytes)
  return {
    memberBytes: view.getUint32(start.length, true),
    rows: view.getUint32(start.length + 4, true)
  }
}
