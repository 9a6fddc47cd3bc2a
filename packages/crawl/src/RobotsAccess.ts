/**
 * What the answer to a request for robots.txt means, and for how long (RFC 9309, 2.3.1 and 2.4).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import { allowAll, disallowAll, parse, type Robots } from "./Robots.ts"

/**
 * What came of one request: a response of any status, or none.
 *
 * @since 0.1.0
 */
export type Answer =
  | {
      readonly _tag: "Response"
      readonly url: URL
      readonly status: number
      /** The `Location` header. */
      readonly location?: string | undefined
      /** The `Cache-Control` header. */
      readonly cacheControl?: string | undefined
      readonly body: Uint8Array | string
    }
  | { readonly _tag: "NoAnswer"; readonly cause: string }

/**
 * What an answer means.
 *
 * `Follow` asks for one more request, whose answer counts for the site that was asked first.
 * `Unchanged` confirms the copy that the request named.
 *
 * @since 0.1.0
 */
export type Meaning =
  | { readonly _tag: "Rules"; readonly robots: Robots; readonly keepFor: Duration.Duration }
  | { readonly _tag: "Unchanged"; readonly keepFor: Duration.Duration }
  | { readonly _tag: "NoRules"; readonly reason: string; readonly keepFor: Duration.Duration }
  | { readonly _tag: "Unreachable"; readonly reason: string }
  | { readonly _tag: "Follow"; readonly url: URL }

/** The RFC asks to follow five, and lets more mean that there is no file. */
const redirectsMax = 5
const keepForMax = Duration.hours(24)
/** A site that forbids to keep its file would be asked before each page. */
const keepForMin = Duration.minutes(5)

/**
 * Tells what an answer means after `redirects` redirects.
 *
 * | answer | meaning |
 * | --- | --- |
 * | 2xx | its rules, from the first 500 KiB |
 * | 304 | the copy at hand still holds |
 * | 3xx | follow, to other hosts too; the sixth redirect in a row, or one to no web page: no rules |
 * | 4xx, also 401 and 403 | no rules: everything is allowed |
 * | 429, 5xx, no answer, anything else | unreachable: see {@link stand} |
 *
 * What is kept is kept for the `max-age` that the site gives, but 5 minutes to 24 hours; 24 hours
 * when it gives none.
 *
 * ```ts
 * const url = new URL("http://shop.example/robots.txt")
 * const meaning = RobotsAccess.interpret({ _tag: "Response", url, status: 503, body: "" }, 0, "fibra")
 * meaning // => { _tag: "Unreachable", reason: "status 503" }
 * ```
 *
 * @since 0.1.0
 */
export const interpret = (answer: Answer, redirects: number, productToken: string): Meaning => {
  if (answer._tag === "NoAnswer") return { _tag: "Unreachable", reason: answer.cause }
  const { body, cacheControl, location, status, url } = answer
  const keepFor = keepTime(cacheControl)
  if (status >= 200 && status < 300) {
    return { _tag: "Rules", robots: parse(body, productToken), keepFor }
  }
  const noRules = (reason: string): Meaning => ({ _tag: "NoRules", reason, keepFor })
  if (status === 304) return { _tag: "Unchanged", keepFor }
  if (status >= 300 && status < 400) {
    if (redirects >= redirectsMax) return noRules(`more than ${redirectsMax} redirects`)
    const next = location === undefined ? null : URL.parse(location, url.href)
    if (next === null || !/^https?:$/.test(next.protocol)) return noRules("redirect to no web page")
    return { _tag: "Follow", url: next }
  }
  if (status >= 400 && status < 500 && status !== 429) return noRules(`status ${status}`)
  return { _tag: "Unreachable", reason: `status ${status}` }
}

const keepTime = (cacheControl: string | undefined): Duration.Duration => {
  const seconds = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(cacheControl ?? "")?.[1]
  if (seconds === undefined) return keepForMax
  return Duration.clamp(Duration.seconds(Number(seconds)), {
    minimum: keepForMin,
    maximum: keepForMax
  })
}

/**
 * What is known of a site from earlier answers; plain data but for the rules.
 *
 * @since 0.1.0
 */
export interface Known {
  /** The rules of the last answer that had any, or that everything is allowed. */
  readonly robots: Robots | undefined
  /** Since when no answer was to be had, or `undefined` when the last one was. */
  readonly unreachableSinceMillis: number | undefined
}

/**
 * Nothing known yet.
 *
 * @since 0.1.0
 */
export const unknown: Known = { robots: undefined, unreachableSinceMillis: undefined }

/**
 * Where a crawler stands with a site.
 *
 * @since 0.1.0
 */
export interface Standing extends Known {
  /** The rules to obey now. */
  readonly obey: Robots
  /** In a few words, such as `status 404` or `copy kept while unreachable: status 503`. */
  readonly reason: string
  /** When to ask for robots.txt again; milliseconds since 1970. */
  readonly checkAtMillis: number
}

const unreachableMax = Duration.days(30)
const retryMin = Duration.minutes(1)
const retryMax = Duration.hours(1)

/**
 * Tells which rules to obey after an answer.
 *
 * While a site is unreachable the copy at hand holds for 30 days, and without one nothing is
 * allowed. After 30 days it counts as a site without rules. It is asked again after as long as it has
 * been unreachable, but 1 minute to 1 hour.
 *
 * ```ts
 * const first = RobotsAccess.stand({ _tag: "Unreachable", reason: "status 503" }, RobotsAccess.unknown, 0)
 * const home = new URL("http://shop.example/")
 * first.obey.isAllowed(home) // => false
 * first.checkAtMillis // => 60_000
 * ```
 *
 * @since 0.1.0
 */
export const stand = (
  meaning: Exclude<Meaning, { readonly _tag: "Follow" }>,
  known: Known,
  nowMillis: number
): Standing => {
  if (meaning._tag === "Unreachable") return standUnreachable(meaning.reason, known, nowMillis)
  // Without a copy there is nothing that could be unchanged: a server that says so has no rules.
  const robots =
    meaning._tag === "Rules"
      ? meaning.robots
      : meaning._tag === "Unchanged"
        ? (known.robots ?? allowAll)
        : allowAll
  return {
    robots,
    obey: robots,
    unreachableSinceMillis: undefined,
    reason: meaning._tag === "NoRules" ? `no rules: ${meaning.reason}` : "its rules",
    checkAtMillis: nowMillis + Duration.toMillis(meaning.keepFor)
  }
}

const standUnreachable = (reason: string, known: Known, nowMillis: number): Standing => {
  const unreachableSinceMillis = known.unreachableSinceMillis ?? nowMillis
  const lasting = Duration.millis(nowMillis - unreachableSinceMillis)
  const retry = Duration.clamp(lasting, { minimum: retryMin, maximum: retryMax })
  const standing = {
    robots: known.robots,
    unreachableSinceMillis,
    checkAtMillis: nowMillis + Duration.toMillis(retry)
  }
  if (Duration.isGreaterThan(lasting, unreachableMax)) {
    return { ...standing, obey: allowAll, reason: `unreachable for 30 days: ${reason}` }
  }
  if (known.robots === undefined) {
    return { ...standing, obey: disallowAll, reason: `unreachable: ${reason}` }
  }
  return { ...standing, obey: known.robots, reason: `copy kept while unreachable: ${reason}` }
}
