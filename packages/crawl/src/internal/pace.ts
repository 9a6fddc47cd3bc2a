/**
 * How much slower a host is asked than it would have to be: when it is slow, as AutoThrottle of Scrapy does
 * with a target of one request at a time, and when it says that it is asked too much.
 */
export interface Pace {
  /** How long it takes to answer, of late. */
  readonly latencyMillis: number
  /** The pause that it has earned by answering 429; 0 when that is long ago. */
  readonly slowMillis: number
  readonly refusedAtMillis: number
}

export const start: Pace = { latencyMillis: 0, slowMillis: 0, refusedAtMillis: -Infinity }

export interface Answered {
  readonly startedMillis: number
  readonly nowMillis: number
  /** Whether the host says that it is asked too much. */
  readonly isTooMuch: boolean
}

const slowMaxMillis = 60_000
/** What is left of a pause that was earned, after each answer that is none of these. */
const easing = 0.9

/** Doubled by each 429, from `leastMillis` on; requests that were under way together count once. */
export const learn = (
  pace: Pace,
  { isTooMuch, nowMillis, startedMillis }: Answered,
  delayMillis: number,
  leastMillis: number
): Pace => {
  if (isTooMuch) {
    if (startedMillis < pace.refusedAtMillis) return pace
    const doubled = Math.max(leastMillis, 2 * Math.max(pace.slowMillis, delayMillis))
    return { ...pace, slowMillis: Math.min(doubled, slowMaxMillis), refusedAtMillis: nowMillis }
  }
  const took = nowMillis - startedMillis
  const eased = pace.slowMillis * easing
  return {
    ...pace,
    latencyMillis: pace.latencyMillis === 0 ? took : (pace.latencyMillis + took) / 2,
    slowMillis: eased <= Math.max(delayMillis, 1) ? 0 : eased
  }
}

/** The pause after a request, where it would be `delayMillis` otherwise; without a delay slowness is no reason. */
export const pauseOf = ({ latencyMillis, slowMillis }: Pace, delayMillis: number): number =>
  Math.round(Math.max(delayMillis, slowMillis, delayMillis > 0 ? latencyMillis : 0))
