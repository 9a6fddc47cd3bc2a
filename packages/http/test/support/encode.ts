/** Text in the old charsets, for which the platform has only decoders: they are turned around. */

const tables = new Map<string, ReadonlyMap<string, ReadonlyArray<number>>>()

const tableOf = (charset: string): ReadonlyMap<string, ReadonlyArray<number>> => {
  const known = tables.get(charset)
  if (known !== undefined) return known
  const decoder = new TextDecoder(charset)
  const table = new Map<string, ReadonlyArray<number>>()
  const add = (...bytes: ReadonlyArray<number>) => {
    const text = decoder.decode(Uint8Array.from(bytes))
    if ([...text].length === 1 && text !== "\uFFFD" && !table.has(text)) table.set(text, bytes)
  }
  for (let byte = 0; byte < 256; byte++) add(byte)
  for (let lead = 0x81; lead < 0xff; lead++) {
    for (let trail = 0x40; trail < 0xff; trail++) add(lead, trail)
  }
  tables.set(charset, table)
  return table
}

export const encode = (charset: string, text: string): Uint8Array =>
  Uint8Array.from([...text].flatMap((character) => [...tableOf(charset).get(character)!]))
