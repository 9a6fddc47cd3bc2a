/** What URLs have in common when only numbers, dates and names of things differ. */

/**
 * `/shop/42/red-oak-table?sort=price` has the pattern `/shop/N/S?`.
 *
 * D is a date, H a UUID or hexadecimal name, S a name of three or more words, N any other number. The
 * query as a whole is a `?`, or `?D` with a date: its parameters multiply, which is what makes a trap.
 */
export const urlPattern = (url: URL): string =>
  url.pathname
    .replace(datePath, "/D")
    .split("/")
    .map((segment) => segmentPattern(segment))
    .join("/")
    .slice(0, lengthMax) + queryPattern(url.search)

const queryPattern = (search: string): string =>
  search === "" ? "" : dateInQuery.test(search) ? "?D" : "?"

/** Whether the URLs of a pattern differ in dates, as those of calendars do. */
export const isDated = (pattern: string): boolean => /(^|[^A-Za-z])D([^A-Za-z]|$)/.test(pattern)

/** Longer patterns are cut, which at worst counts two as one. */
const lengthMax = 200

const datePath = /\/(?:19|20)\d\d\/[01]?\d(?:\/[0-3]?\d)?(?=\/|$)/g
const dateInQuery = /(?:19|20)\d\d-?[01]\d(?:-?[0-3]\d)?(?!\d)|[?&](?:date|day|week|month|year)=\d/i
const date = /(?:19|20)\d\d-?[01]\d(?:-?[0-3]\d)?(?!\d)/g
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const hexName = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}$/i
/** Most segments are one of these, and need none of the rest. */
const letters = /^[A-Za-z]*$/
const shortNumber = /^\d{1,5}$/
const wordSeparator = /[-_+]|%20/

const segmentPattern = (segment: string): string => {
  if (letters.test(segment)) return segment
  if (shortNumber.test(segment)) return "N"
  const [, name, suffix] = /^(.*?)(\.[a-z]{1,5}\d?)?$/is.exec(segment)!
  if (uuid.test(name!) || hexName.test(name!)) return `H${suffix ?? ""}`
  const dated = name!.replace(date, "D")
  if (dated.split(wordSeparator).filter((word) => word !== "").length >= 3)
    return `S${suffix ?? ""}`
  return dated.replace(/\d+/g, "N") + (suffix ?? "")
}

/** Whether one or more segments follow each other `repeatsMax` times, as in `/a/b/a/b/a/b`. */
export const hasRepeats = (segments: ReadonlyArray<string>, repeatsMax: number): boolean => {
  for (let length = 1; length * repeatsMax <= segments.length; length++) {
    let equal = 0
    for (let at = length; at < segments.length; at++) {
      equal = segments[at] === segments[at - length] ? equal + 1 : 0
      if (equal === length * (repeatsMax - 1) && !isNumeric(segments, at, equal + length)) {
        return true
      }
    }
  }
  return false
}

// Map tiles and dates repeat numbers without being traps.
const isNumeric = (segments: ReadonlyArray<string>, last: number, count: number): boolean =>
  segments.slice(last + 1 - count, last + 1).every((segment) => /^\d+$/.test(segment))
