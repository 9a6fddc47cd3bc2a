/** Which of some names somebody may have meant who wrote another one. */

/** The names that are nearest to the text, at most three; none when all are far from it. */
export const nearest = (text: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const wanted = text.toLowerCase()
  const ranked = names
    .map((name) => ({ name, distance: distanceOf(wanted, name) }))
    .filter(({ distance, name }) => distance <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)
  return ranked
    .filter(({ distance }) => distance <= ranked[0]!.distance + 1)
    .slice(0, 3)
    .map(({ name }) => name)
}

/**
 * How many letters must be put in, taken out, replaced or swapped with their neighbour (the optimal
 * string alignment distance); a part of a name is near to it.
 */
const distanceOf = (a: string, b: string): number => {
  if (a.length >= 3 && (b.includes(a) || a.includes(b))) return 1
  const rows: Array<Array<number>> = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1)
      }
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
