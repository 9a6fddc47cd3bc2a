/** Cuts bytes into records, each of which ends with a newline. */

export interface RecordSplitter {
  /** The records that these bytes complete, without the newlines at their ends. */
  readonly push: (bytes: Uint8Array) => Array<string>
  /** Bytes of the record that is not complete yet. */
  readonly restBytes: number
}

const newline = 0x0a
const quote = 0x22

/** With `quoted`, a newline between quotes is a part of the record. */
export const make = (quoted: boolean): RecordSplitter => {
  const decoder = new TextDecoder()
  let rest = new Uint8Array()
  let isInside = false

  /** Where the next record ends; -1 when it does not end here. */
  const endAfter = (bytes: Uint8Array, from: number): number => {
    if (!quoted) return bytes.indexOf(newline, from)
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] === quote) isInside = !isInside
      else if (bytes[at] === newline && !isInside) return at
    }
    return -1
  }

  return {
    push: (bytes) => {
      const records: Array<string> = []
      const scanned = rest.length
      const all = new Uint8Array(scanned + bytes.length)
      all.set(rest)
      all.set(bytes, scanned)
      let start = 0
      for (let end = endAfter(all, scanned); end !== -1; end = endAfter(all, start)) {
        records.push(decoder.decode(all.subarray(start, end)))
        start = end + 1
      }
      rest = all.subarray(start)
      return records
    },
    get restBytes() {
      return rest.length
    }
  }
}
