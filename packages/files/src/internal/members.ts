/** Reads a file part by part: the members of a compressed one, or stretches of a plain one. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type { Codec } from "./codec.ts"

/** The file is compressed, and not by us: where its members end cannot be seen. */
export class ForeignFile extends Data.TaggedError("ForeignFile") {
  override get message(): string {
    return "it was compressed by another program; write to another file"
  }
}

/** A part of a file whose bytes all arrived. */
export interface Member {
  /** What it says, decoded. */
  readonly bytes: Uint8Array
  /** Where it ends in the file. */
  readonly end: number
  /** How many rows a compressed one has. */
  readonly rows: number
}

const readBytesMax = 1024 * 1024

/**
 * The part that starts at a position; `undefined` at the end, or when what is there is no part.
 *
 * No record has a zero byte. A disk that lost power may show one where bytes never arrived, although
 * later ones did: a plain file ends there.
 */
export const next = (
  file: FileSystem.File,
  { codec }: { readonly codec: Codec | undefined },
  position: number
): Effect.Effect<Member | undefined, PlatformError | ForeignFile> =>
  codec === undefined ? nextStretch(file, position) : nextMember(file, codec, position)

const nextStretch = Effect.fnUntraced(function* (file: FileSystem.File, position: number) {
  const read = yield* readAt(file, position, readBytesMax)
  const zero = read.indexOf(0)
  const bytes = zero === -1 ? read : read.subarray(0, zero)
  return bytes.length === 0 ? undefined : { bytes, end: position + bytes.length, rows: 0 }
})

const nextMember = Effect.fnUntraced(function* (
  file: FileSystem.File,
  codec: Codec,
  position: number
) {
  const start = yield* readAt(file, position, codec.headerBytes)
  const header = codec.readHeader(start)
  if (header === undefined) {
    return position === 0 && !isTornStart(start, codec.start) ? yield* new ForeignFile() : undefined
  }
  const size = Number((yield* file.stat).size)
  if (position + header.memberBytes > size) return undefined
  const member = yield* readAt(file, position, header.memberBytes)
  return yield* Effect.matchEffect(codec.unpack(member), {
    onSuccess: (bytes) =>
      Effect.succeed({ bytes, end: position + header.memberBytes, rows: header.rows }),
    onFailure: () => Effect.undefined
  })
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
