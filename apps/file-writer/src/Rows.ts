/**
 * Cuts bytes into rows and tells good ones from bad ones: a row is one JSON value on a line or, with
 * `isRaw`, any line of text.
 *
 * A line ends with `\n` or `\r\n`; the last one may lack its end. A byte order mark at the start is
 * dropped. The newline byte is never a part of a longer UTF-8 character, so lines can be cut from the
 * bytes, and many of them are decoded at once.
 */
import { isUtf8 } from "node:buffer"
import * as JsonSyntax from "./JsonSyntax.ts"

/** A line that is no row. */
export interface Malformed {
  readonly cause: string
  /** The line or, when that is longer than `textBytesMax`, its beginning. */
  readonly text: string
  /** The length of the whole line when `text` is only its beginning. */
  readonly bytes?: number
}

/** A row as it was written, `undefined` for a blank line, or a line that is no row. */
export type Line = string | undefined | Malformed

export interface Rows {
  /** The lines that these bytes complete, made one by one; take them all before the next push. */
  readonly push: (bytes: Uint8Array) => Iterable<Line>
  /** The last line, when the bytes do not end with a newline. */
  readonly end: () => Iterable<Line>
}

/** Bytes of a malformed line that are kept. */
export const textBytesMax = 64 * 1024

const newline = 0x0a
const byteOrderMark = Buffer.from("\uFEFF")

export interface Options {
  readonly rowBytesMax: number
  readonly isRaw?: boolean
}

export const make = (options: Options): Rows => {
  // The start of a line whose end has not come yet: `heldBytes` bytes of `held`. They stop growing
  // when the line is too long, while `lineBytes` goes on counting.
  let held = Buffer.alloc(0)
  let heldBytes = 0
  let lineBytes = 0
  let isStart = true

  const hold = (bytes: Uint8Array) => {
    lineBytes += bytes.length
    const room = Math.max(
      0,
      (lineBytes > options.rowBytesMax ? textBytesMax : lineBytes) - heldBytes
    )
    const kept = bytes.subarray(0, room)
    if (heldBytes + kept.length > held.length) {
      const needed = heldBytes + kept.length
      const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(2 * needed, options.rowBytesMax)))
      held.copy(larger, 0, 0, heldBytes)
      held = larger
    }
    held.set(kept, heldBytes)
    heldBytes += kept.length
  }

  const takeHeld = (): Iterable<Line> => {
    const line = held.subarray(0, heldBytes)
    const length = lineBytes
    // A long line may have made it large.
    held = Buffer.alloc(0)
    heldBytes = 0
    lineBytes = 0
    return read(line, length)
  }

  const read = (lines: Buffer, length: number): Iterable<Line> => {
    const skipMark = isStart && lines.indexOf(byteOrderMark) === 0
    isStart = false
    const text = skipMark ? lines.subarray(byteOrderMark.length) : lines
    return readLines(text, length, options)
  }

  function* push(bytes: Uint8Array): Iterable<Line> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const end = buffer.lastIndexOf(newline)
    if (end === -1) return hold(buffer)
    let start = 0
    if (lineBytes > 0) {
      start = buffer.indexOf(newline) + 1
      hold(buffer.subarray(0, start - 1))
      yield* takeHeld()
    }
    if (start <= end) yield* read(buffer.subarray(start, end), end - start)
    hold(buffer.subarray(end + 1))
  }

  return { push, end: () => (lineBytes === 0 ? [] : takeHeld()) }
}

/** Whole lines with a newline between them; `length` is more when a single line was cut short. */
function* readLines(bytes: Buffer, length: number, options: Options): Iterable<Line> {
  const { isRaw, rowBytesMax } = options
  if (length <= rowBytesMax && isUtf8(bytes)) {
    yield* isRaw === true ? rawLines(bytes) : checkLines(bytes)
  } else if (bytes.includes(newline)) {
    // Something in here is too long or no text: find out which of the lines it is.
    for (let start = 0; start <= bytes.length;) {
      const end = endOfLine(bytes, start)
      yield* readLines(bytes.subarray(start, end), end - start, options)
      start = end + 1
    }
  } else {
    const cause = length > rowBytesMax ? `longer than ${rowBytesMax} bytes` : "not UTF-8"
    yield malformed(cause, bytes, length)
  }
}

/** As they are, also blank ones. A zero byte is refused: in a file it means that bytes never arrived. */
function* rawLines(bytes: Buffer): Iterable<Line> {
  for (const text of bytes.toString().split("\n")) {
    yield text.includes("\0") ? { cause: "a zero byte in it", text } : text
  }
}

/** The syntax is checked in the bytes; the rows are cut from one decoded text. */
function* checkLines(bytes: Buffer): Iterable<Line> {
  let start = 0
  for (const text of bytes.toString().split("\n")) {
    const from = JsonSyntax.skipSpace(bytes, start)
    if (endsAt(bytes, from)) {
      yield undefined
      start = from + 1
      continue
    }
    const stop = skipRow(bytes, from)
    if (stop >= 0) {
      yield withoutReturn(text)
      start = stop + 1
    } else {
      const end = endOfLine(bytes, start)
      const line = bytes.subarray(start, end)
      yield malformed(faultIn(line, stop, start), line, line.length)
      start = end + 1
    }
  }
}

const endOfLine = (bytes: Buffer, from: number): number => {
  const found = bytes.indexOf(newline, from)
  return found === -1 ? bytes.length : found
}

/** Where the line of a row ends, or what `JsonSyntax.skipValue` says of a fault. */
const skipRow = (bytes: Buffer, from: number): number => {
  const end = JsonSyntax.skipValue(bytes, from)
  if (end < 0) return end
  const stop = JsonSyntax.skipSpace(bytes, end)
  return endsAt(bytes, stop) ? stop : ~stop
}

const endsAt = (bytes: Buffer, at: number) => at === bytes.length || bytes[at] === newline

const faultIn = (line: Buffer, stop: number, start: number): string => {
  if (stop === JsonSyntax.tooDeep) return `nested deeper than ${JsonSyntax.depthMax} levels`
  const at = ~stop - start
  if (endsAt(line, JsonSyntax.skipSpace(line, at))) return "the JSON value is not complete"
  const character = String.fromCodePoint(line.toString("utf8", at, at + 4).codePointAt(0) ?? 0)
  return `unexpected ${JSON.stringify(character)} at column ${line.toString("utf8", 0, at).length + 1}`
}

const malformed = (cause: string, bytes: Buffer, length: number): Malformed => {
  const text = withoutReturn(bytes.toString("utf8", 0, textBytesMax))
  return length <= textBytesMax ? { cause, text } : { cause, text, bytes: length }
}

const withoutReturn = (line: string) => (line.endsWith("\r") ? line.slice(0, -1) : line)
