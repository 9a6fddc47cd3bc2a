/** Rows as bytes, one after the other, each with a newline at its end. */

export interface RowBytes {
  readonly rows: number
  /** The bytes of all rows; valid until `clear`. */
  readonly bytes: Uint8Array
  /** Where each row ends; valid until `clear`. */
  readonly ends: Uint32Array
  /** Where the first `rows` rows end. */
  endOf(rows: number): number
  /** How many of the first rows end at or before that byte. */
  rowsUpTo(end: number): number
  /** Encodes a row at the end and returns how many bytes it took. */
  push(row: string | Uint8Array): number
  /** Forgets all rows and keeps the memory for others. */
  clear(): void
}

const newline = 0x0a

/** Room for so many bytes at first; it doubles as long as it is too small. */
export const make = (roomBytes: number): RowBytes =>
  over(Buffer.allocUnsafeSlow(roomBytes), 0, new Uint32Array(64), 0)

/** Rows as they were in another one. */
export const from = (bytes: Uint8Array, ends: Uint32Array): RowBytes =>
  over(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), bytes.length, ends, ends.length)

const over = (
  roomAtFirst: Buffer,
  bytesAtFirst: number,
  endsAtFirst: Uint32Array,
  rowsAtFirst: number
): RowBytes => {
  let room = roomAtFirst
  let size = bytesAtFirst
  let ends = endsAtFirst
  let rows = rowsAtFirst

  const grow = (atLeast: number) => {
    const larger = Buffer.allocUnsafeSlow(Math.max(atLeast, room.length * 2))
    larger.set(room.subarray(0, size))
    room = larger
  }

  const write = (row: string | Uint8Array): number => {
    if (typeof row !== "string") {
      if (size + row.length >= room.length) grow(size + row.length + 1)
      room.set(row, size)
      return row.length
    }
    // No character takes more than three bytes: only near the end of the room they are counted.
    if (size + 3 * row.length >= room.length) {
      const needed = size + Buffer.byteLength(row) + 1
      if (needed > room.length) grow(needed)
    }
    return room.write(row, size)
  }

  return {
    get rows() {
      return rows
    },
    get bytes() {
      return room.subarray(0, size)
    },
    get ends() {
      return ends.subarray(0, rows)
    },
    endOf: (rows) => (rows === 0 ? 0 : ends[rows - 1]!),
    rowsUpTo: (end) => {
      let [low, high] = [0, rows]
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (ends[middle - 1]! <= end) low = middle
        else high = middle - 1
      }
      return low
    },
    push: (row) => {
      const written = write(row)
      size += written
      room[size++] = newline
      if (rows === ends.length) {
        const longer = new Uint32Array(Math.max(64, rows * 2))
        longer.set(ends)
        ends = longer
      }
      ends[rows++] = size
      return written + 1
    },
    clear: () => {
      rows = 0
      size = 0
    }
  }
}
