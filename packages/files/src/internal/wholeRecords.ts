/** Finds how much of a file is whole records, when a crash may have torn its end. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type { Codec } from "./codec.ts"

/** The beginning of a file that holds nothing but whole records. */
export interface Whole {
  readonly rows: number
  readonly bytes: number
}

/** How records become a file. */
export interface Shape {
  /** Whether a newline between quotes ends no record. */
  readonly quoted: boolean
  /** The first line, which is no row. */
  readonly header: string | undefined
  readonly codec: Codec | undefined
}

/** The file is compressed, and not by us: where its members end cannot be seen. */
export class ForeignFile extends Data.TaggedError("ForeignFile") {
  override get message(): string {
    return "it was compressed by another program; write to another file"
  }
}

const newline = 0x0a
const quote = 0x22
const readBytesMax = 1024 * 1024

export const find = (
  file: FileSystem.File,
  shape: Shape
): Effect.Effect<Whole, PlatformError | ForeignFile> =>
  shape.codec === undefined ? findLines(file, shape) : findMembers(file, shape.codec)

/**
 * Counts records, each of which ends with a newline.
 *
 * No record has a zero byte. A disk that lost power may show one where bytes never arrived, although
 * later ones did: nothing from there on counts.
 */
const findLines = Effect.fnUntraced(function* (
  file: FileSystem.File,
  { header, quoted }: Shape
): Effect.fn.Return<Whole, PlatformError> {
  const buffer = new Uint8Array(readBytesMax)
  const scanner = quoted ? quotedScanner() : plainScanner()
  for (let position = 0; ;) {
    const read = yield* file.read(buffer, { position: BigInt(position) })
    const chunk = buffer.subarray(0, read)
    const zero = chunk.indexOf(0)
    scanner.scan(zero === -1 ? chunk : chunk.subarray(0, zero), position)
    if (read === 0 || zero !== -1) break
    position += read
  }
  const { bytes, rows } = scanner.whole()
  return { bytes, rows: header === undefined || rows === 0 ? rows : rows - 1 }
})

/** Goes from member to member and decodes each, so that one whose bytes did not all arrive is found. */
const findMembers = Effect.fnUntraced(function* (
  file: FileSystem.File,
  codec: Codec
): Effect.fn.Return<Whole, PlatformError | ForeignFile> {
  const size = Number((yield* file.stat).size)
  let whole: Whole = { rows: 0, bytes: 0 }
  while (whole.bytes < size) {
    const start = yield* readAt(file, whole.bytes, codec.headerBytes)
    const header = codec.readHeader(start)
    if (header === undefined) {
      if (whole.bytes === 0 && !isTornStart(start, codec.start)) return yield* new ForeignFile()
      return whole
    }
    if (whole.bytes + header.memberBytes > size) return whole
    const member = yield* readAt(file, whole.bytes, header.memberBytes)
    if (!(yield* Effect.isSuccess(codec.unpack(member)))) return whole
    whole = { rows: whole.rows + header.rows, bytes: whole.bytes + header.memberBytes }
  }
  return whole
})

/** Whether it is the start, but for bytes that never arrived. */
const isTornStart = (bytes: Uint8Array, start: Uint8Array) =>
  start.every((byte, index) => !bytes[index] || bytes[index] === byte)

/** As many bytes as there are, up to `length`. */
export const readAt = Effect.fnUntraced(function* (
  file: FileSystem.File,
  position: number,
  length: number
): Effect.fn.Return<Uint8Array, PlatformError> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length;) {
    const read = yield* file.read(bytes.subarray(at), { position: BigInt(position + at) })
    if (read === 0) return bytes.subarray(0, at)
    at += read
  }
  return bytes
})

interface Scanner {
  readonly scan: (chunk: Uint8Array, position: number) => void
  readonly whole: () => Whole
}

const plainScanner = (): Scanner => {
  let rows = 0
  let bytes = 0
  return {
    scan: (chunk, position) => {
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) {
        rows++
        bytes = position + at + 1
      }
    },
    whole: () => ({ rows, bytes })
  }
}

/** A doubled quote inside quotes closes and opens them again, which comes to the same. */
const quotedScanner = (): Scanner => {
  let isInside = false
  let rows = 0
  let bytes = 0
  return {
    scan: (chunk, position) => {
      for (let at = 0; at < chunk.length; at++) {
        if (chunk[at] === quote) {
          isInside = !isInside
        } else if (chunk[at] === newline && !isInside) {
          rows++
          bytes = position + at + 1
        }
      }
    },
    whole: () => ({ rows, bytes })
  }
}
