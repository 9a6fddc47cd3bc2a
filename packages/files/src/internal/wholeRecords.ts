/** Finds how much of a file is whole records, when a crash may have torn its end. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type { Codec } from "./codec.ts"
import * as Members from "./members.ts"

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

const newline = 0x0a
const quote = 0x22

/** Reads the whole file. Each member of a compressed one is decoded, so that a torn one is found. */
export const find = Effect.fnUntraced(function* (
  file: FileSystem.File,
  shape: Shape
): Effect.fn.Return<Whole, PlatformError | Members.ForeignFile> {
  const scanner = shape.quoted ? quotedScanner() : plainScanner()
  let whole: Whole = { rows: 0, bytes: 0 }
  for (let position = 0; ;) {
    const member = yield* Members.next(file, shape, position)
    if (member === undefined) break
    if (shape.codec === undefined) scanner.scan(member.bytes, position)
    else whole = { rows: whole.rows + member.rows, bytes: member.end }
    position = member.end
  }
  if (shape.codec !== undefined) return whole
  const { bytes, rows } = scanner.whole()
  return { bytes, rows: shape.header === undefined || rows === 0 ? rows : rows - 1 }
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
