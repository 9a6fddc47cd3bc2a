/**
 * What the answer to a request for robots.txt means, and for how long (RFC 9309, 2.3.1 and 2.4).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import { parse, type Robots } from "./Robots.ts"

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

/**
 * What to ask for of a file: more is never read, and less would be too little, whatever bound pages have.
 *
 * @since 0.1.0
 */
export const bodyBytesMax = 512 * 1024

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
 * | 429, 5xx, no answer, anything else | unreachable: a copy at hand holds, and without one nothing is allowed |
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
