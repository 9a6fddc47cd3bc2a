/**
 * Reads the Retry-After header of a response: how long the server asks to be left alone.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"

/**
 * The longest time that {@link parse} gives by default.
 *
 * @since 0.1.0
 */
export const delayMaxDefault: Duration.Input = "10 minutes"

/**
 * Returns the time to wait from `nowMillis` on, or `undefined` when the header is absent or is neither
 * a number of seconds nor one of the three date formats of HTTP (RFC 9110, 10.2.3 and 5.6.7).
 *
 * A date that has passed is no wait. A wait of more than `delayMax` (default 10 minutes) is cut to
 * that: a hostile server may ask for years.
 *
 * ```ts
 * Duration.toMillis(RetryAfter.parse("120", 0)!) // => 120_000
 * Duration.toMillis(RetryAfter.parse("Thu, 01 Jan 1970 00:01:00 GMT", 20_000)!) // => 40_000
 * Duration.toMinutes(RetryAfter.parse("99999999", 0)!) // => 10
 * RetryAfter.parse("soon", 0) // => undefined
 * ```
 *
 * @since 0.1.0
 */
export const parse = (
  header: string | undefined,
  nowMillis: number,
  delayMax: Duration.Input = delayMaxDefault
): Duration.Duration | undefined => {
  const text = header?.trim() ?? ""
  const millis = seconds.test(text) ? Number(text) * 1000 : dateIn(text) - nowMillis
  if (Number.isNaN(millis)) return undefined
  return Duration.millis(
    Math.min(Math.max(0, millis), Duration.toMillis(Duration.fromInputUnsafe(delayMax)))
  )
}

const seconds = /^\d+$/

// `Date.parse` alone takes much more than these, "7" among it.
const httpDates = [
  /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/
]

const dateIn = (text: string): number => {
  if (!httpDates.some((format) => format.test(text))) return Number.NaN
  // The last format has no time zone, and is in UTC all the same.
  return Date.parse(text.endsWith("GMT") ? text : `${text} GMT`)
}
