/** What goes between a frontier and those who drive it: pages, answers, and what is to last of them. */
import type { CanonicalUrl } from "../CanonicalUrl.ts"
import type { Robots } from "../Robots.ts"
import type { Fingerprint } from "./fingerprint.ts"
import type { DroppedLinks } from "./pageLinks.ts"
import type { Queued, Validators } from "./store.ts"

/**
 * A URL that was found.
 *
 * @since 0.1.0
 */
export interface Found extends CanonicalUrl {
  /** It is one of the lists that a site keeps for crawlers, and no page. */
  readonly isSitemap?: boolean | undefined
  /** The link asks not to be followed. */
  readonly isNofollow?: boolean | undefined
  /** Links from a seed to here on the path that it was found on; redirects do not count. */
  readonly depth: number
  /** The keys of the pages that were redirected, one after the other, to here. */
  readonly redirectedFrom: ReadonlyArray<string>
}

/**
 * A page to fetch.
 *
 * @since 0.1.0
 */
export interface Page extends Queued {}

/** The key of a sitemap has this at its end, and that of a page cannot: keys have no fragment. */
const sitemapMark = "#sitemap"

/** The key by which the store knows a URL that was found. */
export const keyOf = ({ isSitemap, key }: Found): string =>
  isSitemap === true ? key + sitemapMark : key

/**
 * Whether a page is a sitemap.
 *
 * @since 0.1.0
 */
export const isSitemap = ({ key }: Page): boolean => key.endsWith(sitemapMark)

/**
 * The rule by which a URL is skipped, and what it says of this one.
 *
 * @since 0.1.0
 */
export interface Refusal {
  readonly reason: SkipReason
  readonly detail?: string | undefined
}

/**
 * The name of a rule by which a URL gave no row although nothing went wrong, such as `robots`,
 * `other host`, `too deep`, `redirected`, `not a page`.
 *
 * @since 0.1.0
 */
export type SkipReason = string

/**
 * Why a page that is done gives no row: nothing has changed since an earlier visit, what it says is not of the
 * form that was asked for, it is not one of those that were asked for, or another page has its row.
 *
 * @since 0.1.0
 */
export interface NoRow {
  readonly reason: "unchanged" | "rejected" | "left out" | "duplicate"
  readonly detail?: string | undefined
}

/**
 * The answer to a page that was handed out.
 *
 * `Retry` hands it out again later, `Postponed` after everything else of its host. `Again` does so at once, with another URL for the same key, as after
 * a redirect to itself.
 *
 * @since 0.1.0
 */
export type PageOutcome =
  | {
      readonly _tag: "Done"
      readonly status: number
      readonly validators?: Validators | undefined
      /** What the page says, by which traps are recognised. */
      readonly fingerprint?: Fingerprint | undefined
      /** The key that the page gives as its own, where that is another one. */
      readonly canonical?: string | undefined
      /** It need not be asked for again before this, its server has said. */
      readonly freshUntil?: number | undefined
      /** Its links that lead to no web page, or are too many, by the reason. */
      readonly dropped?: DroppedLinks | undefined
      /** Why it gives no row, if it gives none. */
      readonly noRow?: NoRow | undefined
    }
  | { readonly _tag: "Skipped"; readonly reason: SkipReason; readonly detail?: string | undefined }
  | {
      readonly _tag: "Failed"
      readonly cause: string
      readonly detail?: string | undefined
      readonly status?: number | undefined
    }
  | {
      readonly _tag: "Retry"
      readonly cause: string
      readonly dueMillis: number
      /** Whether this counts as one of the attempts that a page has. */
      readonly isCounted: boolean
    }
  | { readonly _tag: "Postponed"; readonly rule: string; readonly detail: string }
  | { readonly _tag: "Again"; readonly url: URL; readonly redirectedFrom: ReadonlyArray<string> }

/**
 * The answer to a robots.txt: rules, or nothing for now, or no host at all, or to ask again later.
 *
 * @since 0.1.0
 */
export type RobotsOutcome =
  | {
      readonly _tag: "Rules"
      readonly robots: Robots
      readonly delayMillis: number
      /** The file itself, so that a later life of the job need not ask again. */
      readonly body: string
      /** How long the file may be used. */
      readonly keepMillis: number
    }
  | { readonly _tag: "Unavailable" }
  | { readonly _tag: "Unreachable"; readonly cause: string; readonly detail?: string | undefined }
  | { readonly _tag: "Later"; readonly cause: string; readonly dueMillis: number }

/**
 * Something that is to last: a commit makes several of them durable, or none.
 *
 * @since 0.1.0
 */
export type Settlement =
  | { readonly _tag: "Found"; readonly found: ReadonlyArray<Found> }
  | {
      readonly _tag: "Page"
      readonly page: Page
      readonly outcome: PageOutcome
      readonly found: ReadonlyArray<Found>
      /** What goes into the archive with it. */
      readonly kept?: Uint8Array | undefined
      /** An origin that is crawled from now on, as when a seed redirects to it. */
      readonly admits?: string | undefined
    }
  | {
      readonly _tag: "Robots"
      readonly origin: string
      readonly outcome: RobotsOutcome
      /** The sitemaps that it names. */
      readonly found: ReadonlyArray<Found>
    }

/**
 * How a request went, for the host's sake.
 *
 * @since 0.1.0
 */
export interface Conduct {
  readonly nowMillis: number
  /** Whether a response came, of any status. */
  readonly isAnswered: boolean
  /** Whether the host says that it is asked too much. Default: no. */
  readonly isTooMuch?: boolean | undefined
  /** Nothing of the host may be asked before this. */
  readonly pauseUntilMillis?: number | undefined
}

/**
 * How a host was found to be.
 *
 * @since 0.1.0
 */
export interface Health {
  /** It has left so many requests without an answer that it is asked one at a time. */
  readonly isDown: boolean
  /** It has answered at least one request in the life of the job. */
  readonly hasAnswered: boolean
}

/**
 * A host that holds a crawl up.
 *
 * @since 0.1.0
 */
export interface SlowHost {
  readonly origin: string
  readonly left: number
  readonly delayMillis: number
  readonly why: string
}
