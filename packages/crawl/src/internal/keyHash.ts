/**
 * A number of 53 bits for the key of a URL, to find its row by.
 *
 * Its first 21 bits are those of the folder, so that what is found together, and looked up together, is
 * near each other in the index. Both parts are made in the manner of FNV-1a (Fowler, Noll, Vo), with a final
 * mix. Equal hashes are no proof: whoever looks a key up by it compares the key itself.
 */
export const keyHash = (key: string): number => {
  let hash = 0x811c9dc5
  let folder = hash
  let isPath = true
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index)
    hash = Math.imul(hash ^ code, 0x01000193)
    if (code === slash && isPath) folder = hash
    else if (code === questionMark) isPath = false
  }
  return (mix(folder) >>> 11) * 2 ** 32 + mix(hash)
}

const slash = 0x2f
const questionMark = 0x3f

/** The finalizer of MurmurHash3 (Appleby). */
const mix = (hash: number): number => {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
