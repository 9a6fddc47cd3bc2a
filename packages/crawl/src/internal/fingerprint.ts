/**
 * Takes the fingerprint of a page while its text is being scanned.
 *
 * The simhash is Charikar's (2002): each word votes on each of 64 bits, so pages with mostly the same
 * words differ in few bits. Words of links do not vote: menus, calendars and lists of the same things
 * in another order would otherwise drown what a page says itself.
 */
import { hex, mix } from "./hash.ts"

/**
 * What a page says, small enough to keep: see `Extract.outline`.
 *
 * @since 0.1.0
 */
export interface Fingerprint {
  /** Equal for pages with the same visible text and pictures; 16 hexadecimal digits. */
  readonly hash: string
  /** Differs in few of its 64 bits for pages with nearly the same text; 16 hexadecimal digits. */
  readonly simhash: string
  /** How many words the simhash was made of. */
  readonly words: number
}

export interface Fingerprinter {
  /** Adds the words of `text` from `start` to `end`. */
  addText(text: string, start: number, end: number, inLink: boolean): void
  /** Adds a thing that makes pages different although it is no text, such as a picture. */
  addMark(mark: string): void
  finish(): Fingerprint
}

export const fingerprinter = (): Fingerprinter => {
  const votes = new Int32Array(64)
  let words = 0
  let [a, b] = [0x811c9dc5, 0x9e3779b9]

  const addWord = (first: number, second: number, inLink: boolean) => {
    const [low, high] = [mix(first), mix(second)]
    a = Math.imul(a ^ low, 0x01000193)
    b = Math.imul(b ^ high, 0x5bd1e995) + a
    if (inLink) return
    words += 1
    for (let bit = 0; bit < 32; bit++) {
      votes[bit]! += (low >>> bit) & 1
      votes[bit + 32]! += (high >>> bit) & 1
    }
  }

  const addText = (text: string, start: number, end: number, inLink: boolean) => {
    let [first, second] = [0, 0]
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at)
      if (isWordCode(code)) {
        const folded = code >= 0x41 && code <= 0x5a ? code + 0x20 : code
        first = Math.imul(first ^ folded, 0x01000193) + 1
        second = Math.imul(second ^ folded, 0x5bd1e995) + 7
        // Chinese and Japanese do not part words: each character is one.
        if (code < 0x2e80) continue
      }
      if (first !== 0) addWord(first, second, inLink)
      first = second = 0
    }
    if (first !== 0) addWord(first, second, inLink)
  }

  return {
    addText,
    addMark: (mark) => addText(mark, 0, mark.length, true),
    finish() {
      let [low, high] = [0, 0]
      for (let bit = 0; bit < 32; bit++) {
        if (votes[bit]! * 2 > words) low |= 1 << bit
        if (votes[bit + 32]! * 2 > words) high |= 1 << bit
      }
      return { hash: hex(mix(a)) + hex(mix(b)), simhash: hex(high) + hex(low), words }
    }
  }
}

const isWordCode = (code: number): boolean =>
  code > 0x7f || (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)
    ? true
    : code >= 0x30 && code <= 0x39

/** How many of their 64 bits two simhashes differ in. */
export const distance = (one: string, other: string): number =>
  ones(parseInt(one.slice(0, 8), 16) ^ parseInt(other.slice(0, 8), 16)) +
  ones(parseInt(one.slice(8), 16) ^ parseInt(other.slice(8), 16))

const ones = (bits: number): number => {
  let count = 0
  for (let left = bits; left !== 0; left &= left - 1) count += 1
  return count
}
