/** What URLs have in common when only numbers, dates and names of things differ. */

/**
 * `/shop/42/red-oak-table?sort=price` has the pattern `/shop/N/S?`.
 *
 * D is a date, with separators or in a URL that names a calendar; H a UUID or hexadecimal name, S a name of
 * three or more words, N any other number. The query as a whole is a `?`, or `?D` with a date: its
 * parameters multiply, which is what makes a trap.
 */
export const urlPattern = (url: URL): string =>
  url.pathname
    .replace(datePath, "/D")
    .split("/")
    .map((segment) => segmentPattern(segment, url))
    .join("/")
    .slice(0, lengthMax) + queryPattern(url.search, url.pathname)

const queryPattern = (search: string, path: string): string => {
  if (search === "") return ""
  if (isPeriod.test(search) || written.test(search)) return "?D"
  return compact.test(search) && isCalendar(path + search) ? "?D" : "?"
}

/** Whether the URLs of a pattern differ in dates, as those of calendars do. */
export const isDated = (pattern: string): boolean => /(^|[^A-Za-z])D([^A-Za-z]|$)/.test(pattern)

/** Longer patterns are cut, which at worst counts two as one. */
const lengthMax = 200

const year = "(?:19|20)\\d\\d"
const month = "(?:0?[1-9]|1[0-2])"
const day = "(?:0?[1-9]|[12]\\d|3[01])"
const datePath = new RegExp(`/${year}/${month}(?:/${day})?(?=/|$)`, "g")
/** 2024-05-17, 2024_5. */
const written = new RegExp(`(?<!\\d)${year}([-_.])${month}(?:\\1${day})?(?!\\d)`)
/** 20240517, 202405: but most numbers of six or eight digits are those of things. */
const compact = /(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?(?!\d)/
const everyWritten = new RegExp(written, "g")
const everyCompact = new RegExp(compact, "g")
const isPeriod = /[?&](?:date|day|week|month|year)=\d/i

const calendarWord =
  /(?<![a-z])(?:calend[a-z]*|kalend[a-z]*|agenda|diary|events?|archives?|schedules?|dates?|da(?:y|ys|ily)|(?:week|month|year)(?:s|ly)?)(?![a-z])/i
const isCalendar = (text: string): boolean => calendarWord.test(text)

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const hexName = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}$/i
/** Most segments are one of these, and need none of the rest. */
const letters = /^[A-Za-z]*$/
const shortNumber = /^\d{1,5}$/
const wordSeparator = /[-_+]|%20/

const segmentPattern = (segment: string, { pathname }: URL): string => {
  if (letters.test(segment)) return segment
  if (shortNumber.test(segment)) return "N"
  const [, name, suffix] = /^(.*?)(\.[a-z]{1,5}\d?)?$/is.exec(segment)!
  if (uuid.test(name!) || hexName.test(name!)) return `H${suffix ?? ""}`
  const dated = withoutDates(name!, pathname)
  if (dated.split(wordSeparator).filter((word) => word !== "").length >= 3)
    return `S${suffix ?? ""}`
  return dated.replace(/\d+/g, "N") + (suffix ?? "")
}

const withoutDates = (name: string, path: string): string => {
  if (!/\d{4}/.test(name)) return name
  const plain = name.replace(everyWritten, "D")
  return compact.test(plain) && isCalendar(path) ? plain.replace(everyCompact, "D") : plain
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
