/** Hashes of text that are fast and well mixed; not for secrets. */

/** Spreads the influence of each bit over all 32 (the final step of MurmurHash3). */
export const mix = (hash: number): number => {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Sixty-four bits of a text as 16 hexadecimal digits. */
export const hashText = (text: string): string => {
  let [a, b] = [0x811c9dc5, 0x9e3779b9]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x5bd1e995) + a
  }
  return hex(mix(a)) + hex(mix(b))
}

/** Thirty-two bits as eight hexadecimal digits. */
export const hex = (bits: number): string => (bits >>> 0).toString(16).padStart(8, "0")
