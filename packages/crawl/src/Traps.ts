/**
 * Keeps a crawl out of places without end: calendars, filters, session ids, pages that are all alike.
 *
 * It judges URLs by their form before they are queued, and by what pages like them turned out to be
 * before they are fetched. What looks like a trap is first postponed, so that the rest of the site comes
 * before it, and is refused only when it goes on. Each verdict names its rule.
 *
 * It is a plain state machine without effects. Its state is a set of small records that a crawl stores
 * beside its own and gives back when it resumes.
 *
 * @since 0.1.0
 */
import { distance, type Fingerprint } from "./internal/fingerprint.ts"
import { hashText } from "./internal/hash.ts"
import { thousands } from "./internal/thousands.ts"
import { hasRepeats, isDated, urlPattern } from "./internal/urlPattern.ts"

/**
 * What a page says, small enough to keep.
 *
 * @since 0.1.0
 */
export type { Fingerprint } from "./internal/fingerprint.ts"

/**
 * What a URL was postponed or refused by.
 *
 * @since 0.1.0
 */
export type Rule =
  | "URL too long"
  | "too many segments"
  | "repeated segments"
  | "pattern budget"
  | "near-duplicates"
  | "parameter without effect"

/**
 * What to do with a URL: fetch it, fetch it after everything else of its host, or leave it.
 *
 * @since 0.1.0
 */
export type Verdict =
  | { readonly _tag: "Pass" }
  | { readonly _tag: "Later"; readonly rule: Rule; readonly detail: string }
  | { readonly _tag: "Refused"; readonly rule: Rule; readonly detail: string }

/**
 * One part of the state; `value` is JSON, or `null` when the record is gone.
 *
 * @since 0.1.0
 */
export interface StateRecord {
  readonly key: string
  readonly value: string | null
}

/**
 * A place that a crawl was kept out of.
 *
 * @since 0.1.0
 */
export interface Report {
  readonly host: string
  readonly rule: Rule
  /** The pattern of the URLs, such as `/calendar/D`, or the parameter without effect. */
  readonly what: string
  /** URLs refused. */
  readonly refused: number
}

/**
 * The bounds of a crawl's patience; `Infinity` switches a rule off.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Longer URLs are refused. Default 2,083 characters. */
  readonly urlLengthMax?: number
  /** URLs with more path segments are refused. Default 20. */
  readonly segmentsMax?: number
  /** As many equal segments, or groups of segments, in a row are refused. Default 3. */
  readonly repeatsMax?: number
  /** URLs of one pattern beyond this many are postponed. Default 1,000. */
  readonly patternUrlsMax?: number
  /** URLs of one pattern beyond this many are refused. Default 10,000. */
  readonly patternUrlsStop?: number
  /** As many near-identical pages in a row stop their pattern. Default 50. */
  readonly similarPagesMax?: number
  /** A parameter that made no difference more often than this is without effect. Default 20. */
  readonly equalPagesMax?: number
  /**
   * On small sites the two bounds above are this share of the host's pages, but at least 3, once
   * nothing else is left to fetch: ten traps may cost a twentieth of the site. Default 0.005.
   */
  readonly share?: number
  /** Records to keep in memory; the least recently used are forgotten. Default 100,000. */
  readonly recordsMax?: number
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = {
  urlLengthMax: 2083,
  segmentsMax: 20,
  repeatsMax: 3,
  patternUrlsMax: 1_000,
  patternUrlsStop: 10_000,
  similarPagesMax: 50,
  equalPagesMax: 20,
  share: 0.005,
  recordsMax: 100_000
} as const satisfies Required<Options>

/**
 * What a crawl has learned about the sites that it visits.
 *
 * @since 0.1.0
 */
export interface Traps {
  /**
   * Judges a URL that is new to the crawl; call it once for each, or it counts twice.
   *
   * `foundOn` is the page that links to it, if one does: a page that leads elsewhere is no trap.
   */
  admit(url: URL, foundOn?: URL): Verdict
  /**
   * Judges a URL again just before it is fetched; `postponed` tells that it was to come later.
   *
   * `Later` puts it back behind the rest of its host, and is said only of what was not postponed.
   */
  confirm(url: URL, postponed: boolean): Verdict
  /** Learns from a page that was fetched, after its links were admitted. */
  observe(url: URL, fingerprint: Fingerprint): void
  /** What was stopped so far, the most refusals first. */
  reports(): ReadonlyArray<Report>
  /** The records that changed since this was last called; store them by key. */
  takeChanges(): ReadonlyArray<StateRecord>
}

/** What is known of the URLs of one pattern on one host. */
interface Pattern extends Refusing {
  urls: number
  /** Near-identical pages in a row, the last one included. */
  alike: number
  last: Fingerprint | null
  /** Whether a page has led to another pattern since the last observation. */
  leads: boolean
}

/** How often a parameter of one host made no difference and made one. */
interface Parameter extends Refusing {
  equal: number
  differ: number
}

/** The page at a URL without one of its parameters: the value that it was seen with, and what it said. */
interface Seen {
  readonly value: string
  /** `null` while it is being fetched. */
  content: string | null
}

interface Host {
  pages: number
}

/** What has refused URLs says by which rule it did so last. */
interface Refusing {
  refused: number
  by?: Rule
}

const pass: Verdict = { _tag: "Pass" }

/** From this many on, what repeats itself is postponed; no share of a small host is smaller. */
const suspectMin = 3
/** Queries of more parameters teach nothing about one of them. */
const parametersMax = 8
/** Google's bound for near-duplicates among billions of pages (Manku and others, 2007). */
const similarBitsMax = 3
/** The same where URLs differ in dates: the date is in the text too, and a calendar says little else. */
const similarDatesBitsMax = 8
/** Fewer words than this vote too coarsely: such pages must be equal. */
const wordsMin = 16

/**
 * Starts with what an earlier run has stored, or knowing nothing.
 *
 * ```ts
 * const traps = Traps.make({ patternUrlsMax: 1 })
 * traps.admit(new URL("http://shop.example/2024/05"))._tag // => "Pass"
 * traps.admit(new URL("http://shop.example/2024/06"))
 * // => { _tag: "Later", rule: "pattern budget", detail: "more than 1 URL like /D" }
 * const endless = traps.admit(new URL("http://shop.example/a/b/a/b/a/b"))
 * const why = [endless._tag, endless._tag === "Refused" && endless.rule]
 * why // => ["Refused", "repeated segments"]
 * ```
 *
 * @since 0.1.0
 */
export const make = (options?: Options, state: Iterable<StateRecord> = []): Traps => {
  // Invariants, whenever no function below is on the stack:
  //   1. `records` is in order of use, the longest unused first, and not longer than `recordsMax`.
  //   2. A record that differs from what was taken is in `changed`.
  const limits = { ...defaults, ...options }
  const records = new Map<string, object>()
  const changed = new Set<string>()

  const find = <A extends object>(key: string): A | undefined => {
    const record = records.get(key)
    if (record === undefined) return undefined
    records.delete(key)
    records.set(key, record)
    return record as A
  }
  const findOrAdd = <A extends object>(key: string, empty: A): A => {
    const found = find<A>(key)
    if (found !== undefined) return found
    records.set(key, empty)
    if (records.size > limits.recordsMax) {
      const oldest = records.keys().next().value!
      records.delete(oldest)
      changed.add(oldest)
    }
    return empty
  }
  for (const { key, value } of state) {
    if (value !== null) findOrAdd(key, JSON.parse(value) as object)
  }
  changed.clear()

  // A page is asked about for each of its links, and a link several times.
  const keys = new WeakMap<URL, string>()
  const patternKey = (url: URL): string => {
    const known = keys.get(url)
    if (known !== undefined) return known
    const key = `${url.host} ${urlPattern(url)}`
    keys.set(url, key)
    return key
  }
  const patternAt = (key: string) =>
    findOrAdd<Pattern>(key, { urls: 0, alike: 0, last: null, leads: false, refused: 0 })

  /** The bound on a row of `alike` pages for a host of this size. */
  const tolerance = (host: string, max: number) => {
    const pages = find<Host>(host)?.pages ?? 0
    return Math.min(max, Math.max(suspectMin, Math.floor(pages * limits.share)))
  }

  const refuse = (key: string, rule: Rule, detail: string): Verdict => {
    const record = find<Refusing>(key)!
    record.refused += 1
    record.by = rule
    changed.add(key)
    return { _tag: "Refused", rule, detail }
  }

  /** By what is known of pages like this one. */
  const judge = (url: URL, postponed: boolean): Verdict => {
    const key = patternKey(url)
    const alike = find<Pattern>(key)?.alike ?? 0
    if (alike >= suspectMin) {
      const detail = `${alike} near-identical pages in a row like ${urlPattern(url)}`
      const bound = postponed ? tolerance(url.host, limits.similarPagesMax) : limits.similarPagesMax
      if (alike >= bound) return refuse(key, "near-duplicates", detail)
      if (!postponed) return { _tag: "Later", rule: "near-duplicates", detail }
    }
    for (const { name, rest, value } of parametersOf(url)) {
      const key = `${url.host} =${name}`
      const parameter = find<Parameter>(key)
      if (parameter === undefined || !isSuspect(parameter)) continue
      const seen = find<Seen>(`${key} ${rest}`)
      if (seen === undefined || seen.value === value) continue
      const detail = `${name} made no difference ${parameter.equal} times, and the page was fetched`
      const bound = postponed
        ? tolerance(url.host, limits.equalPagesMax + 1)
        : limits.equalPagesMax + 1
      if (parameter.equal >= bound) return refuse(key, "parameter without effect", detail)
      if (!postponed) return { _tag: "Later", rule: "parameter without effect", detail }
    }
    return pass
  }

  /** Two URLs of one page must not be fetched at the same time either. */
  const expect = (url: URL) => {
    for (const { name, rest, value } of parametersOf(url)) {
      const key = `${url.host} =${name}`
      const parameter = find<Parameter>(key)
      if (parameter === undefined || !isSuspect(parameter)) continue
      findOrAdd<Seen>(`${key} ${rest}`, { value, content: null })
      changed.add(`${key} ${rest}`)
    }
  }

  const judgeForm = (url: URL): Verdict => {
    if (url.href.length > limits.urlLengthMax) {
      const detail = `longer than ${limits.urlLengthMax} characters`
      return { _tag: "Refused", rule: "URL too long", detail }
    }
    const segments = url.pathname.split("/").filter((segment) => segment !== "")
    if (segments.length > limits.segmentsMax) {
      const detail = `more than ${limits.segmentsMax} path segments`
      return { _tag: "Refused", rule: "too many segments", detail }
    }
    if (hasRepeats(segments, limits.repeatsMax)) {
      const detail = `the same path segments ${limits.repeatsMax} times in a row`
      return { _tag: "Refused", rule: "repeated segments", detail }
    }
    return pass
  }

  const learnAlike = (url: URL, fingerprint: Fingerprint) => {
    const key = patternKey(url)
    const pattern = patternAt(key)
    const { last, leads } = pattern
    const isAlike = last !== null && !leads && areSimilar(last, fingerprint, isDated(key))
    pattern.alike = isAlike ? pattern.alike + 1 : 1
    pattern.last = fingerprint
    pattern.leads = false
    changed.add(key)
  }

  const learnParameters = (url: URL, content: string) => {
    for (const { name, rest, value } of parametersOf(url)) {
      const key = `${url.host} =${name}`
      const parameter = findOrAdd<Parameter>(key, { equal: 0, differ: 0, refused: 0 })
      // Once it has made a difference it is known to matter, and nothing more is to be learned.
      if (parameter.differ > 0) continue
      const seen = find<Seen>(`${key} ${rest}`)
      if (seen === undefined) {
        findOrAdd<Seen>(`${key} ${rest}`, { value, content })
        changed.add(`${key} ${rest}`)
      } else if (seen.content === null) {
        seen.content = content
        changed.add(`${key} ${rest}`)
      } else if (seen.value !== value) {
        if (seen.content === content) parameter.equal += 1
        else parameter.differ += 1
      }
      changed.add(key)
    }
  }

  return {
    admit(url, foundOn) {
      const form = judgeForm(url)
      if (form._tag === "Refused") return form
      const key = patternKey(url)
      const pattern = patternAt(key)
      const { patternUrlsMax, patternUrlsStop } = limits
      if (pattern.urls >= patternUrlsStop) {
        return refuse(key, "pattern budget", overBudget(patternUrlsStop, url))
      }
      pattern.urls += 1
      changed.add(key)
      const verdict = judge(url, false)
      if (verdict._tag !== "Pass") return verdict
      if (foundOn !== undefined && patternKey(foundOn) !== key) {
        const source = patternKey(foundOn)
        patternAt(source).leads = true
        changed.add(source)
      }
      if (pattern.urls <= patternUrlsMax) return pass
      return { _tag: "Later", rule: "pattern budget", detail: overBudget(patternUrlsMax, url) }
    },

    confirm(url, postponed) {
      const verdict = judge(url, postponed)
      if (verdict._tag === "Pass") expect(url)
      return verdict
    },

    observe(url, fingerprint) {
      findOrAdd<Host>(url.host, { pages: 0 }).pages += 1
      changed.add(url.host)
      learnAlike(url, fingerprint)
      learnParameters(url, fingerprint.hash)
    },

    reports() {
      const found: Array<Report> = []
      for (const [key, record] of records) {
        const { by: rule, refused = 0 } = record as Partial<Refusing>
        if (rule === undefined) continue
        const [host, what] = key.split(" ") as [string, string]
        found.push({ host, rule, what, refused })
      }
      return found.toSorted((a, b) => b.refused - a.refused)
    },

    takeChanges() {
      const taken = [...changed].map((key) => {
        const record = records.get(key)
        return { key, value: record === undefined ? null : JSON.stringify(record) }
      })
      changed.clear()
      return taken
    }
  }
}

const isSuspect = ({ differ, equal }: Parameter): boolean => differ === 0 && equal >= suspectMin

const overBudget = (budget: number, url: URL): string =>
  `more than ${thousands(budget)} ${budget === 1 ? "URL" : "URLs"} like ${urlPattern(url)}`

/** A page with a title of its own is one, however little else it says; but each day of a calendar has one. */
const areSimilar = (one: Fingerprint, other: Fingerprint, isDated: boolean): boolean =>
  one.hash === other.hash ||
  ((isDated || one.title === other.title) &&
    Math.min(one.words, other.words) >= wordsMin &&
    distance(one.simhash, other.simhash) <= (isDated ? similarDatesBitsMax : similarBitsMax))

/** Each parameter of the query, with a hash of the URL without it. */
const parametersOf = (url: URL) => {
  if (url.search === "") return []
  const pairs = url.search.slice(1).split("&")
  if (pairs.length > parametersMax) return []
  return pairs.map((pair, index) => {
    const [name, value] = split(pair)
    const rest = hashText(url.pathname + pairs.toSpliced(index, 1).join("&"))
    return { name: name.slice(0, 64), value: hashText(value), rest }
  })
}

const split = (pair: string): readonly [string, string] => {
  const at = pair.indexOf("=")
  return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)]
}
