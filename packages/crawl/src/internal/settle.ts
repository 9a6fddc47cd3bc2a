/** Decides what the result of a job means: what is to last of it, and how its host is treated. */
import * as RetryAfter from "@fibra/http/RetryAfter"
import * as Duration from "effect/Duration"
import type { CanonicalUrl } from "../CanonicalUrl.ts"
import {
  type Conduct,
  type Found,
  isSitemap,
  type Page,
  type PageOutcome,
  type RobotsOutcome
} from "./settlement.ts"
import type { Robots } from "../Robots.ts"
import type { Failure, Reading } from "./fetchPage.ts"
import type { RobotsAnswer } from "./fetchRobots.ts"

export interface Policy {
  /** Attempts after the first. */
  readonly retriesMax: number
  /** The first of them comes within this time, each next one within twice as much, up to a minute. */
  readonly retryMillis: number
  /** A longer Retry-After is cut to this. */
  readonly retryAfterMaxMillis: number
  /** Whether a host is crawled whatever its robots.txt says. */
  readonly ignoresRobots: boolean
  /** Whether a page with this key is where the crawl starts. */
  readonly isSeed: (key: string) => boolean
  readonly parseRobots: (body: string) => { readonly robots: Robots; readonly delayMillis: number }
}

/** What time it is, and a number from 0 to 1 for the jitter. */
export interface Moment {
  readonly nowMillis: number
  readonly chance: number
}

export interface PageSettled {
  readonly outcome: PageOutcome
  readonly found: ReadonlyArray<Found>
  readonly admits: string | undefined
  readonly conduct: Conduct
}

const waitMaxMillis = 60_000

/** Exponential, with full jitter (Brooker, "Exponential Backoff And Jitter", 2015). */
const backoff = ({ retryMillis }: Policy, attempts: number, { chance, nowMillis }: Moment) =>
  nowMillis + Math.ceil(chance * Math.min(retryMillis * 2 ** attempts, waitMaxMillis))

/** When the whole host may be asked again, if it says so. */
const pauseOf = (header: string | undefined, policy: Policy, { nowMillis }: Moment) => {
  const asked = RetryAfter.parse(header, nowMillis, policy.retryAfterMaxMillis)
  return asked === undefined ? undefined : nowMillis + Duration.toMillis(asked)
}

export const settlePage = (
  page: Page,
  reading: Reading,
  policy: Policy,
  moment: Moment,
  isDown: boolean
): PageSettled => {
  const { nowMillis } = moment
  const settled = (outcome: PageOutcome, found: ReadonlyArray<Found> = []): PageSettled => ({
    outcome,
    found,
    admits: undefined,
    conduct: { nowMillis, isAnswered: true }
  })
  switch (reading._tag) {
    case "Row": {
      const { fingerprint, freshUntil, leads, status, validators } = reading
      const { canonical, dropped, links, nofollowLinks } = leads
      const foundBy =
        (isNofollow: boolean) =>
        ({ key, url }: CanonicalUrl): Found => ({
          key,
          url,
          depth: page.depth + 1,
          redirectedFrom: [],
          isNofollow
        })
      // Followed links first: a page that both lead to is to be fetched.
      const found = [...links.map(foundBy(false)), ...nofollowLinks.map(foundBy(true))]
      const known = { status, validators, fingerprint, canonical, dropped, freshUntil }
      return settled({ _tag: "Done", ...known }, found)
    }
    case "Sitemap": {
      const { entries, isCut, isIndex } = reading
      const found = entries.map(({ key, url }) => ({
        key,
        url,
        depth: page.depth,
        redirectedFrom: [],
        isSitemap: isIndex
      }))
      const rest = isCut ? ", and more, which are left out" : ""
      const detail = `it lists ${entries.length} ${isIndex ? "sitemaps" : "pages"}${rest}`
      return settled({ _tag: "Skipped", reason: "sitemap", detail }, found)
    }
    case "Unchanged": {
      const { freshUntil, status, validators } = reading
      const { canonical } = page
      const noRow = { reason: "unchanged" } as const
      return settled({ _tag: "Done", status, validators, canonical, freshUntil, noRow })
    }
    case "Skip":
      return settled({ _tag: "Skipped", reason: reading.reason })
    case "Redirect":
      return {
        ...settled({ _tag: "Skipped", reason: "redirected" }),
        ...redirected(page, reading.to, policy),
        conduct: {
          nowMillis,
          isAnswered: true,
          pauseUntilMillis: pauseOf(reading.retryAfter, policy, moment)
        }
      }
    case "Fail":
      return failed(page, reading, policy, moment, isDown)
  }
}

const redirected = (page: Page, to: CanonicalUrl, { isSeed }: Policy) => {
  const redirectedFrom = [...page.redirectedFrom, page.key]
  // The same page under another spelling is still to be fetched.
  if (to.key === page.key.replace(/#.*/, "")) {
    return { outcome: { _tag: "Again" as const, url: to.url, redirectedFrom } }
  }
  const detail = `to ${to.key}`
  return {
    outcome: { _tag: "Skipped" as const, reason: "redirected", detail },
    found: [{ ...to, depth: page.depth, redirectedFrom, isSitemap: isSitemap(page) }],
    // A site that sends its visitors to another host, such as www, is meant to be crawled there. Not so
    // what its sitemaps name: that has no depth either.
    admits: isSeed(redirectedFrom[0]!) ? to.url.origin : undefined
  }
}

const failed = (
  page: Page,
  failure: Failure,
  policy: Policy,
  moment: Moment,
  isDown: boolean
): PageSettled => {
  const { cause, isTransient, message, status } = failure
  const { nowMillis } = moment
  const isAnswered = status !== undefined || !isTransient
  const pauseUntilMillis = pauseOf(failure.retryAfter, policy, moment)
  const conduct = { nowMillis, isAnswered, pauseUntilMillis, isTooMuch: status === 429 }
  // A page is not to blame while its host does not answer at all.
  const isCounted = isAnswered || !isDown
  const mayRetry = isTransient && (!isCounted || page.attempts < policy.retriesMax)
  const outcome: PageOutcome = mayRetry
    ? {
        _tag: "Retry",
        cause,
        isCounted,
        dueMillis: Math.max(backoff(policy, page.attempts, moment), pauseUntilMillis ?? 0)
      }
    : { _tag: "Failed", cause, detail: message, status }
  return { outcome, found: [], admits: undefined, conduct }
}

/** Causes that no second attempt at a host mends that has never answered. */
const lasting = new Set(["connection refused", "host not found"])

/** An ignored robots.txt that was not available: written down as what that means to one who obeys. */
const unavailableKeepMillis = 60 * 60 * 1000

export const settleRobots = (
  answer: RobotsAnswer,
  attempts: number,
  policy: Policy,
  moment: Moment,
  hasAnswered: boolean
): { readonly outcome: RobotsOutcome; readonly conduct: Conduct } => {
  const { nowMillis } = moment
  const later = (cause: string, pauseUntilMillis = 0): RobotsOutcome => {
    const dueMillis = Math.max(backoff(policy, attempts, moment), pauseUntilMillis)
    return { _tag: "Later", cause, dueMillis }
  }
  switch (answer._tag) {
    case "Rules": {
      const { body, keepMillis } = answer
      const outcome = { _tag: "Rules" as const, body, keepMillis, ...policy.parseRobots(body) }
      return { outcome, conduct: { nowMillis, isAnswered: true } }
    }
    case "Unavailable": {
      if (policy.ignoresRobots) {
        const body = `# not available: ${answer.cause}\nUser-agent: *\nDisallow: /`
        const outcome = { _tag: "Rules" as const, body, ...policy.parseRobots(body) }
        return {
          outcome: { ...outcome, keepMillis: unavailableKeepMillis },
          conduct: { nowMillis, isAnswered: true }
        }
      }
      const pauseUntilMillis = pauseOf(answer.retryAfter, policy, moment)
      const conduct = { nowMillis, isAnswered: true, pauseUntilMillis }
      return attempts < policy.retriesMax
        ? { outcome: later(answer.cause, pauseUntilMillis), conduct }
        : { outcome: { _tag: "Unavailable" }, conduct }
    }
    case "Unreachable": {
      const { cause, isTransient, message } = answer.failure
      const conduct = { nowMillis, isAnswered: false }
      const mayRetry = isTransient && (hasAnswered || !lasting.has(cause))
      return mayRetry && (hasAnswered || attempts < policy.retriesMax)
        ? { outcome: later(cause), conduct }
        : { outcome: { _tag: "Unreachable", cause, detail: message }, conduct }
    }
  }
}
