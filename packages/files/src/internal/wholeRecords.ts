/** Finds how much of a file is whole records, when a crash may have torn its end. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"

/** The beginning of a file that holds nothing but whole records. */
export interface Whole {
  readonly rows: number
  readonly bytes: number
}

const newline = 0x0a
const quote = 0x22
const readBytesMax = 1024 * 1024

/**
 * Counts records, each of which ends with a newline; with `quoted`, one between quotes ends none.
 *
 * No record has a zero byte. A disk that lost power may show one where bytes never arrived, although
 * later ones did: nothing from there on counts.
 */
export const find = Effect.fnUntraced(function* (
  file: FileSystem.File,
  quoted: boolean
): Effect.fn.Return<Whole, PlatformError> {
  const buffer = new Uint8Array(readBytesMax)
  const scanner = quoted ? quotedScanner() : plainScanner()
  for (let position = 0; ;) {
    const read = yield* file.read(buffer, { position: BigInt(position) })
    if (read === 0) return scanner.whole()
    const chunk = buffer.subarray(0, read)
    const zero = chunk.indexOf(0)
    scanner.scan(zero === -1 ? chunk : chunk.subarray(0, zero), position)
    if (zero !== -1) return scanner.whole()
    position += read
  }
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
