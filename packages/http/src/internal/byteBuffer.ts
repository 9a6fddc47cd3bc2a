/** Bytes that arrive in pieces of any size. One piece is kept as it is; more are copied together. */

/** A class, for one is made for each page. */
export class ByteBuffer {
  #bytes: Uint8Array = empty
  #length = 0
  readonly #bytesMax: number

  /** It is never given more than `bytesMax`, and makes no room for more. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get length(): number {
    return this.#length
  }

  // Hazard: a server can send a body in pieces of one byte. Kept as they come, ten megabytes of them
  // would take a gigabyte.
  append(piece: Uint8Array): void {
    if (this.#length === 0) {
      this.#bytes = piece
      this.#length = piece.length
      return
    }
    const length = this.#length + piece.length
    if (length > this.#bytes.length || this.#length === this.#bytes.length) {
      const capacity = Math.min(Math.max(2 * length, capacityMin), this.#bytesMax)
      const grown = new Uint8Array(Math.max(capacity, length))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  /** All bytes so far; the buffer is empty afterwards. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = empty
    this.#length = 0
    return taken
  }
}

const empty = new Uint8Array(0)
const capacityMin = 4096
