/**
 * A number of 53 bits for a text, to find its row by.
 *
 * Two rounds of 32 bits in the manner of FNV-1a (Fowler, Noll, Vo), with a final mix. Equal hashes are
 * no proof: whoever looks a text up by it compares the text itself.
 */
export const keyHash = (text: string): number => {
  let low = 0x811c9dc5
  let high = 0x1b873593
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
  }
  low = Math.imul(low ^ (high >>> 15), 0xc2b2ae35)
  high = Math.imul(high ^ (low >>> 13), 0x27d4eb2f)
  return ((high ^ (high >>> 16)) & 0x1fffff) * 2 ** 32 + ((low ^ (low >>> 16)) >>> 0)
}
