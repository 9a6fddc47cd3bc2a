/**
 * A number of 53 bits for the key of a URL, to find its row by.
 *
 * Its first 21 bits are those of the folder, so that what is found together, and looked up together, is
 * near each other in the index. Both parts are made in the manner of FNV-1a (Fowler, Noll, Vo), with a final
 * mix. Equal hashes are no proof: whoever looks a key up by it compares the key itself.
 */
export const keyHash = (key: string): number => {
  const end = folderEnd(key)
  let folder = 0x811c9dc5
  for (let index = 0; index < end; index++) {
    folder = Math.imul(folder ^ key.charCodeAt(index), 0x01000193)
  }
  let rest = folder
  for (let index = end; index < key.length; index++) {
    rest = Math.imul(rest ^ key.charCodeAt(index), 0x01000193)
  }
  return (mix(folder) >>> 11) * 2 ** 32 + mix(rest)
}

/** Where the name of the page begins, after the last slash of its path. */
const folderEnd = (key: string): number => {
  const query = key.indexOf("?")
  return key.lastIndexOf("/", query === -1 ? undefined : query) + 1
}

/** The finalizer of MurmurHash3 (Appleby). */
const mix = (hash: number): number => {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
