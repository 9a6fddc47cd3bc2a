/** The arithmetic of the tables. */

export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The median is the middle value, or the mean of the two in the middle. Needs at least one value. */
export const summarize = (values: ReadonlyArray<number>): Summary => {
  if (values.length === 0) throw new RangeError("no values to summarize")
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted.length >> 1
  const lower = (sorted.length - 1) >> 1
  return {
    median: (sorted[lower]! + sorted[upper]!) / 2,
    min: sorted[0]!,
    max: sorted.at(-1)!
  }
}

/** The smallest of the values that is not below `percent` percent of them. Needs at least one value. */
export const percentile = (values: ReadonlyArray<number>, percent: number): number => {
  if (values.length === 0) throw new RangeError("no values to take a percentile of")
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!
}
