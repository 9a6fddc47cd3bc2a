/**
 * Decides what a crawl fetches next, and when: each page once, each host at its own pace.
 *
 * It is a plain state machine without effects: whoever drives it tells the time. Hosts that are due
 * take turns, so a large site does not starve a small one. A host's first job is its robots.txt.
 *
 * @since 0.1.0
 */
import TinyQueue from "tinyqueue"
import type { CanonicalUrl } from "./CanonicalUrl.ts"
import type { Robots } from "./Robots.ts"

/**
 * A page to fetch.
 *
 * @since 0.1.0
 */
export interface Page extends CanonicalUrl {
  /** Links from a seed to here on the first path that was found; redirects do not count. */
  readonly depth: number
  /** The keys of the pages that were redirected, one after the other, to here. */
  readonly redirectedFrom: ReadonlyArray<string>
}

/**
 * What a frontier hands out: a job, a time to wait for, or the reason to pause.
 *
 * `Idle` means that nothing can start until a running job is answered, and `Finished` that nothing
 * ever will.
 *
 * @since 0.1.0
 */
export type Next =
  | { readonly _tag: "FetchRobots"; readonly origin: string }
  | { readonly _tag: "FetchPage"; readonly page: Page }
  | { readonly _tag: "WaitUntil"; readonly millis: number }
  | { readonly _tag: "Idle" }
  | { readonly _tag: "Finished" }

/**
 * Why a URL gave no row although nothing went wrong.
 *
 * @since 0.1.0
 */
export type SkipReason =
  | "robots"
  | "robots unavailable"
  | "other host"
  | "too deep"
  | "redirected"
  | "not a page"
  | "frontier full"

/**
 * The answer to a page that was handed out.
 *
 * `Again` puts it back, with another URL for the same key, as after a redirect to itself.
 *
 * @since 0.1.0
 */
export type PageOutcome =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Skipped"; readonly reason: SkipReason }
  | { readonly _tag: "Failed"; readonly cause: string }
  | { readonly _tag: "Again"; readonly page: Page }

/**
 * The answer to a robots.txt: rules, or nothing for now, or no host at all.
 *
 * @since 0.1.0
 */
export type RobotsOutcome =
  | { readonly _tag: "Rules"; readonly robots: Robots; readonly delayMillis: number }
  | { readonly _tag: "Unavailable" }
  | { readonly _tag: "Unreachable"; readonly cause: string }

/**
 * The account of a crawl: `discovered = done + failed + skipped + left` at every moment.
 *
 * @since 0.1.0
 */
export interface Counts {
  readonly discovered: number
  readonly done: number
  readonly failed: number
  readonly skipped: number
  /** Queued or being fetched. */
  readonly left: number
  readonly skippedBy: Readonly<Record<string, number>>
  readonly failedBy: Readonly<Record<string, number>>
}

/**
 * The bounds of a frontier.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Hosts (`name` or `name:port`) whose pages may be fetched. */
  readonly hosts: Iterable<string>
  /** Requests to one origin at the same time. */
  readonly perHost: number
  /** Milliseconds between the starts of two requests to an origin whose robots.txt is not known. */
  readonly delayMillis: number
  readonly depthMax: number
  /** No page is handed out when this many are done or may be. */
  readonly pagesMax: number
  /** Distinct URLs to remember; those beyond are skipped as `frontier full`. */
  readonly urlsMax: number
}

/**
 * The queue of a crawl; every job that `next` hands out is to be answered exactly once.
 *
 * @since 0.1.0
 */
export interface Frontier {
  /** Adds a page unless its key is known. */
  add(page: Page): void
  /** Lets the pages of one more host in, as after a redirect of a seed. */
  allowHost(host: string): void
  next(nowMillis: number): Next
  answerRobots(origin: string, outcome: RobotsOutcome): void
  answerPage(page: Page, outcome: PageOutcome): void
  counts(): Counts
}

interface Host {
  readonly origin: string
  /** Pages in order of arrival; those before `head` are gone. */
  pages: Array<Page>
  head: number
  active: number
  /** When its next request may start. */
  dueMillis: number
  delayMillis: number
  listed: boolean
  robots: "unknown" | "asked" | RobotsOutcome
}

/**
 * Creates an empty frontier.
 *
 * @since 0.1.0
 */
export const make = (options: Options): Frontier => {
  // Invariants, whenever no function below is on the stack:
  //   1. discovered = done + failed + skipped + queued + handed out and not answered.
  //   2. A host is `listed`, and once in `startable`, exactly if it can start a request.
  //   3. The due time of a host does not change while it is listed, so the heap stays ordered.
  const known = new Set<string>()
  const tooDeep = new Set<string>()
  const allowed = new Set(options.hosts)
  const hosts = new Map<string, Host>()
  const startable = new TinyQueue<{ readonly host: Host; readonly turn: number }>(
    [],
    (a, b) => a.host.dueMillis - b.host.dueMillis || a.turn - b.turn
  )
  const count = { discovered: 0, done: 0, failed: 0, skipped: 0 }
  const skippedBy: Record<string, number> = {}
  const failedBy: Record<string, number> = {}
  const active = { pages: 0, robots: 0 }
  let turn = 0

  const skip = (reason: SkipReason, pages = 1) => {
    count.skipped += pages
    skippedBy[reason] = (skippedBy[reason] ?? 0) + pages
  }
  const fail = (cause: string, pages = 1) => {
    count.failed += pages
    failedBy[cause] = (failedBy[cause] ?? 0) + pages
  }

  const hostOf = (origin: string): Host => {
    const found = hosts.get(origin)
    if (found !== undefined) return found
    const { delayMillis } = options
    const host: Host = {
      origin,
      pages: [],
      head: 0,
      active: 0,
      dueMillis: 0,
      delayMillis,
      listed: false,
      robots: "unknown"
    }
    hosts.set(origin, host)
    return host
  }

  const listIfStartable = (host: Host) => {
    const waiting = host.head < host.pages.length && host.robots !== "asked"
    if (host.listed || !waiting || host.active >= options.perHost) return
    host.listed = true
    startable.push({ host, turn: turn++ })
  }

  const queue = (page: Page) => {
    const host = hostOf(page.url.origin)
    if (typeof host.robots === "object" && host.robots._tag !== "Rules") {
      return refuse(host.robots, 1)
    }
    host.pages.push(page)
    listIfStartable(host)
  }

  const refuse = (outcome: Exclude<RobotsOutcome, { _tag: "Rules" }>, pages: number) =>
    outcome._tag === "Unavailable" ? skip("robots unavailable", pages) : fail(outcome.cause, pages)

  /** Takes the next page that robots.txt allows; the others are skipped on the way. */
  const takeAllowed = (host: Host, robots: Robots): Page | undefined => {
    while (host.head < host.pages.length) {
      const page = host.pages[host.head++]!
      if (host.head > 1024 && host.head * 2 > host.pages.length) {
        host.pages = host.pages.slice(host.head)
        host.head = 0
      }
      if (robots.isAllowed(page.url)) return page
      skip("robots")
    }
    return undefined
  }

  const start = (host: Host, nowMillis: number): Next | undefined => {
    let job: Next
    if (typeof host.robots === "object" && host.robots._tag === "Rules") {
      const page = takeAllowed(host, host.robots.robots)
      if (page === undefined) return undefined
      active.pages += 1
      job = { _tag: "FetchPage", page }
    } else {
      host.robots = "asked"
      active.robots += 1
      job = { _tag: "FetchRobots", origin: host.origin }
    }
    host.active += 1
    host.dueMillis = nowMillis + host.delayMillis
    listIfStartable(host)
    return job
  }

  return {
    add(page) {
      const { depth, key, url } = page
      if (known.has(key)) {
        // A shorter path to a page that was out of reach brings it back.
        if (depth > options.depthMax || !tooDeep.delete(key)) return
        skip("too deep", -1)
        return queue(page)
      }
      count.discovered += 1
      if (known.size >= options.urlsMax) return skip("frontier full")
      known.add(key)
      if (!allowed.has(url.host)) return skip("other host")
      if (depth > options.depthMax) {
        tooDeep.add(key)
        return skip("too deep")
      }
      queue(page)
    },

    allowHost(host) {
      allowed.add(host)
    },

    next(nowMillis) {
      const pause = (): Next =>
        active.pages + active.robots > 0 ? { _tag: "Idle" } : { _tag: "Finished" }
      while (count.done + active.pages < options.pagesMax) {
        const host = startable.peek()?.host
        if (host === undefined) return pause()
        if (host.dueMillis > nowMillis) return { _tag: "WaitUntil", millis: host.dueMillis }
        startable.pop()
        host.listed = false
        const job = start(host, nowMillis)
        if (job !== undefined) return job
      }
      return pause()
    },

    answerRobots(origin, outcome) {
      const host = hostOf(origin)
      active.robots -= 1
      host.active -= 1
      host.robots = outcome
      if (outcome._tag === "Rules") {
        // The pause after robots.txt is the one that it asks for.
        host.dueMillis += outcome.delayMillis - host.delayMillis
        host.delayMillis = outcome.delayMillis
        return listIfStartable(host)
      }
      refuse(outcome, host.pages.length - host.head)
      host.pages = []
      host.head = 0
    },

    answerPage(page, outcome) {
      const host = hostOf(page.url.origin)
      active.pages -= 1
      host.active -= 1
      if (outcome._tag === "Done") count.done += 1
      else if (outcome._tag === "Skipped") skip(outcome.reason)
      else if (outcome._tag === "Failed") fail(outcome.cause)
      else queue(outcome.page)
      listIfStartable(host)
    },

    counts() {
      const { discovered, done, failed, skipped } = count
      const left = discovered - done - failed - skipped
      return { discovered, done, failed, skipped, left, skippedBy, failedBy }
    }
  }
}
