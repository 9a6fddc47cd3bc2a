/**
 * Takes the fingerprint of a page while its text is being scanned.
 *
 * The simhash is Charikar's (2002): each word votes on each of 64 bits, so pages with mostly the same
 * words differ in few bits. Words of links do not vote: menus, calendars and lists of the same things
 * in another order would otherwise drown what a page says itself.
 */
import { hashText, hex, mix } from "./hash.ts"

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
  /** Equal for pages with the same title, or none; eight hexadecimal digits. */
  readonly title: string
}

export interface Fingerprinter {
  /** Adds the words of `text` from `start` to `end`. */
  addText(text: string, start: number, end: number, inLink: boolean): void
  /** Adds a thing that makes pages different although it is no text of theirs, such as a picture. */
  addMark(mark: string): void
  addTitle(title: string): void
  finish(): Fingerprint
}

/** Sixteen binary places: a page has at most 65,535 words that vote. */
const places = 16
const votesMax = 2 ** places - 1

export const fingerprinter = (): Fingerprinter => {
  const low = ballot()
  const high = ballot()
  // In an array, and read once for each text: a number of 32 bits that is captured is allocated at each
  // change of it.
  const sums = Int32Array.of(0x811c9dc5, 0x9e3779b9)
  let words = 0
  let title = hex(0)

  const addText = (text: string, start: number, end: number, inLink: boolean) => {
    let a = sums[0]!
    let b = sums[1]!
    let word = 0
    // One step more than there are characters: the end of the text ends a word.
    for (let at = start; at <= end; at++) {
      const code = at < end ? text.charCodeAt(at) : space
      if (code > 0x7f || isWordCode[code] === 1) {
        // This bit is what parts capital letters of ASCII from small ones, and digits have it.
        word = (Math.imul(word ^ (code | 0x20), 0x01000193) + 1) | 0
        // Chinese and Japanese do not part words: each character is one.
        if (code < 0x2e80) continue
      }
      if (word === 0) continue
      const one = mix(word)
      const other = mix(word ^ 0x9e3779b9)
      word = 0
      a = Math.imul(a ^ one, 0x01000193)
      b = (Math.imul(b ^ other, 0x5bd1e995) + a) | 0
      if (inLink || words === votesMax) continue
      addVotes(low, one, words)
      addVotes(high, other, words)
      words += 1
    }
    sums[0] = a
    sums[1] = b
  }

  return {
    addText,
    addMark: (mark) => addText(mark, 0, mark.length, true),
    addTitle(text) {
      title = hashText(text).slice(0, 8)
      addText(text, 0, text.length, true)
    },
    finish: () => ({
      hash: hex(mix(sums[0]!)) + hex(mix(sums[1]!)),
      simhash: hex(majority(high, words)) + hex(majority(low, words)),
      words,
      title
    })
  }
}

const space = 0x20

/** 1 for digits and letters. */
const isWordCode = Uint8Array.from({ length: 128 }, (_, code) =>
  /[0-9A-Za-z]/.test(String.fromCharCode(code)) ? 1 : 0
)

/**
 * The votes for 32 bits, counted side by side: bit `n` of counted[p] is place `p` of the votes for bit n.
 *
 * Of each place one more lot may wait: with the next one there are three to add, and adding three costs no
 * more than adding two (carry-save adders: Wallace, 1964). So a word is added in two steps, on average.
 */
interface Ballot {
  readonly counted: Int32Array
  /** Those of place `p` are waiting when bit `p` of the number of words is set. */
  readonly waiting: Int32Array
}

const ballot = (): Ballot => ({
  counted: new Int32Array(places),
  waiting: new Int32Array(places)
})

const addVotes = ({ counted, waiting }: Ballot, bits: number, wordsBefore: number): void => {
  let carry = bits
  let place = 0
  for (; ((wordsBefore >>> place) & 1) === 1; place++) {
    const sum = counted[place]!
    const either = sum ^ waiting[place]!
    counted[place] = either ^ carry
    carry = (sum & waiting[place]!) | (either & carry)
  }
  waiting[place] = carry
}

/** The bits for which more than half of the words voted. */
const majority = ({ counted, waiting }: Ballot, words: number): number => {
  let bits = 0
  for (let bit = 0; bit < 32; bit++) {
    let votes = 0
    for (let place = 0; place < places; place++) {
      const waits = (words >>> place) & 1 & (waiting[place]! >>> bit)
      votes += (((counted[place]! >>> bit) & 1) + waits) << place
    }
    if (votes * 2 > words) bits |= 1 << bit
  }
  return bits
}

/** How many of their 64 bits two simhashes differ in. */
export const distance = (one: string, other: string): number =>
  ones(parseInt(one.slice(0, 8), 16) ^ parseInt(other.slice(0, 8), 16)) +
  ones(parseInt(one.slice(8), 16) ^ parseInt(other.slice(8), 16))

const ones = (bits: number): number => {
  let count = 0
  for (let left = bits; left !== 0; left &= left - 1) count += 1
  return count
}
