/** A digest of what happened in a run, in order. */

export interface Trace {
  /** Adds one integer. */
  add(value: number): void
  /** 16 hexadecimal digits. */
  digest(): string
}

export const make = (): Trace => {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  return {
    add: (value) => {
      a = Math.imul(a ^ value, 0x01000193)
      a ^= a >>> 15
      b = Math.imul(b ^ value, 0x85ebca6b) + a
      b = (b << 13) | (b >>> 19)
    },
    digest: () => hex(a) + hex(b)
  }
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0")
