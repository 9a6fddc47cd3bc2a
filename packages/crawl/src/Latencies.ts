/**
 * How long requests take, in a histogram that costs the same for one or for a million of them.
 *
 * Eight buckets for each doubling, as in an HDR histogram (http://hdrhistogram.org), tell a percentile
 * with an error of at most nine percent.
 *
 * @since 0.1.0
 */

/**
 * What was counted so far.
 *
 * @since 0.1.0
 */
export interface Latencies {
  readonly count: number
  readonly sumMillis: number
  /**
   * The time that this share of the requests took at the most, such as 0.95; rounded up to the end of a
   * bucket. `undefined` without any request.
   */
  readonly percentile: (share: number) => number | undefined
  /** For each doubling of a millisecond, how many requests took no longer. */
  readonly doublings: ReadonlyArray<{ readonly upToMillis: number; readonly count: number }>
}

/**
 * A histogram to add to.
 *
 * @since 0.1.0
 */
export interface Histogram {
  readonly add: (millis: number) => void
  readonly read: () => Latencies
}

const perDoubling = 8
/** The last one ends at 65 seconds; what takes longer is counted in none but the count. */
const doublingsMax = 16

/**
 * Makes a histogram without any request.
 *
 * ```ts
 * const histogram = Latencies.make()
 * for (const millis of [3, 3, 3, 200]) histogram.add(millis)
 * const { count, percentile } = histogram.read()
 * count // => 4
 * Math.round(percentile(0.5) ?? 0) // => 3
 * Math.round(percentile(0.95) ?? 0) // => 215
 * ```
 *
 * @since 0.1.0
 */
export const make = (): Histogram => {
  const buckets = new Float64Array(perDoubling * doublingsMax + 1)
  let count = 0
  let sumMillis = 0
  return {
    add: (millis) => {
      count += 1
      sumMillis += millis
      const bucket = Math.ceil(Math.log2(Math.max(millis, 1)) * perDoubling)
      if (bucket < buckets.length) buckets[bucket]! += 1
    },
    read: () => read(buckets.slice(), count, sumMillis)
  }
}

const read = (buckets: Float64Array, count: number, sumMillis: number): Latencies => ({
  count,
  sumMillis,
  percentile: (share) => {
    if (count === 0) return undefined
    let left = Math.ceil(share * count)
    const bucket = buckets.findIndex((size) => (left -= size) <= 0)
    return bucket === -1 ? Infinity : 2 ** (bucket / perDoubling)
  },
  doublings: Array.from({ length: doublingsMax + 1 }, (_, doubling) => ({
    upToMillis: 2 ** doubling,
    count: buckets.subarray(0, doubling * perDoubling + 1).reduce((sum, size) => sum + size, 0)
  }))
})
