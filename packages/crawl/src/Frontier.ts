/**
 * Decides what a crawl fetches next, and when: each page once, each host at its own pace.
 *
 * It is a plain state machine without effects over the store of a job: whoever drives it tells the time.
 * The store has all URLs; in memory are the hosts, a small window of ready pages, and what is being
 * fetched. What a job has brought is told twice: `answer…` at once, so that the host goes on, and
 * `commit` when it is to last. Until its commit a page is still queued in the store, so a crash loses
 * nothing, and needs no lease to run out.
 *
 * @since 0.1.0
 */
import TinyQueue from "tinyqueue"
import * as Account from "./internal/account.ts"
import * as Hosts from "./internal/hosts.ts"
import type { Host } from "./internal/hosts.ts"
import { SeenKeys } from "./internal/seenKeys.ts"
import { robotsUnavailable, State } from "./internal/schema.ts"
import type {
  Conduct,
  Found,
  Health,
  Page,
  PageOutcome,
  RobotsOutcome,
  Settlement,
  SkipReason,
  SlowHost
} from "./internal/settlement.ts"
import type { Store } from "./internal/store.ts"
import type { Robots } from "./Robots.ts"
import type { Traps, Verdict } from "./Traps.ts"

/**
 * What a frontier hands out: a job, a time to wait for, or the reason to pause.
 *
 * `Idle` means that nothing can start until a running job is answered; with `needsCommit`, until what was
 * answered is committed. `Parked` means that all that is left belongs to hosts that do not answer, and
 * `Finished` that nothing is left, or that the bound on pages is reached.
 *
 * @since 0.1.0
 */
export type Next =
  | { readonly _tag: "FetchRobots"; readonly origin: string; readonly attempts: number }
  | { readonly _tag: "FetchPage"; readonly page: Page }
  | { readonly _tag: "WaitUntil"; readonly millis: number }
  | { readonly _tag: "Idle"; readonly needsCommit: boolean }
  | { readonly _tag: "Parked" }
  | { readonly _tag: "Finished" }

/** What is handed out, what comes back, and what is to last. @since 0.1.0 */
export type {
  Conduct,
  Found,
  Health,
  NoRow,
  Page,
  PageOutcome,
  RobotsOutcome,
  Settlement,
  SkipReason,
  SlowHost
} from "./internal/settlement.ts"

/** The account of a crawl. @since 0.1.0 */
export type { Counts } from "./internal/account.ts"

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
 * The bounds of a frontier.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly store: Store
  /** Why a URL is not wanted; `undefined` when it is. Asked once, when it is found. */
  readonly refusalOf: (found: Found) => Refusal | undefined
  /** Judges URLs that are wanted; default: there are no traps. */
  readonly traps?: Traps | undefined
  /** Requests to one origin at the same time. */
  readonly perHost: number
  /** Milliseconds between the starts of two requests to an origin whose robots.txt is not known. */
  readonly delayMillis: number
  /** Milliseconds for which an origin rests after it did not answer twice; doubled each time. */
  readonly restMillis: number
  readonly depthMax: number
  /** No page is handed out when this many are done or may be. */
  readonly pagesMax: number
  /** Distinct URLs to remember; those beyond are skipped as `frontier full`. */
  readonly urlsMax: number
  /** Reads a robots.txt that an earlier life of the job has fetched. */
  readonly parseRobots: (body: string) => { robots: Robots; delayMillis: number }
  readonly nowMillis: number
  /** Whether an earlier life was killed, so that its last requests are not known. */
  readonly wasKilled: boolean
}

/**
 * The queue of a crawl; every job that `next` hands out is to be answered exactly once, and committed.
 *
 * All methods throw what the store throws.
 *
 * @since 0.1.0
 */
export interface Frontier {
  readonly next: (nowMillis: number) => Next
  /** Pages that `next` has skipped on its way because robots.txt forbids them; each call gives new ones. */
  readonly takeForbidden: () => ReadonlyArray<Settlement>
  /** `found` is what the page links to; it is judged now, and queued by the commit. */
  readonly answerPage: (
    page: Page,
    outcome: PageOutcome,
    conduct: Conduct,
    found?: ReadonlyArray<Found>
  ) => void
  readonly answerRobots: (origin: string, outcome: RobotsOutcome, conduct: Conduct) => void
  /** Makes durable what the jobs have brought, with whatever `alongside` writes to the store. */
  readonly commit: (
    settlements: ReadonlyArray<Settlement>,
    nowMillis: number,
    alongside?: () => void
  ) => void
  readonly healthOf: (origin: string) => Health
  /** Whether this host (`name` or `name:port`) was let in by a redirect of a seed. */
  readonly isAdmitted: (host: string) => boolean
  readonly counts: () => Account.Counts
  /** Hosts that have answered at least one request. */
  readonly hostsAnswered: () => number
  /** The hosts that are slowest now, with the reason, for people to look at. */
  readonly slowest: (nowMillis: number, limit: number) => ReadonlyArray<SlowHost>
}

/** Pages in memory that are ready to start, of all hosts; a host has at least one in any case. */
const windowMax = 4096
/** Pages of one host that are read from the store at a time, at the most. */
const readMax = 256
/** Of those that come after everything else, since something else may come meanwhile. */
const lateMax = 16
/** While a robots.txt is not to be had, the copy at hand is used, and it is asked for again after this. */
const robotsRetryMillis = 60 * 60 * 1000
/** The key of a sitemap, which no page can have: keys have no fragment. */
const sitemapMark = "#sitemap"

/**
 * Opens the frontier of a job, with what earlier lives have left in its store.
 *
 * @since 0.1.0
 */
export const make = (options: Options): Frontier => {
  // Invariants, whenever no function below is on the stack:
  //   1. discovered = done + failed + skipped + left, as committed; what is in memory is part of left.
  //   2. A page of a host is counted in `queued` or `waiting`, or it is in its `window`, or in `busy`.
  //   3. A host is `listed`, and once in `startable`, exactly if it can start a request, now or later.
  const { store } = options
  const account = Account.load(store)
  const hosts = Hosts.load(options)
  const seen = new SeenKeys()
  /** Of links that ask not to be followed: another one may lead there. */
  const shunned = new SeenKeys()
  const startable = new TinyQueue<{ host: Host; turn: number; dueMillis: number }>(
    [],
    (a, b) => a.dueMillis - b.dueMillis || a.turn - b.turn
  )
  const active = { pages: 0, robots: 0 }
  // What is answered, or skipped, and not committed.
  const open = { pages: 0, done: 0, others: 0 }
  let forbidden: Array<Settlement> = []
  let inWindows = 0
  /** Pages of all hosts that wait to be tried again, and are in the store only. */
  let waiting = 0
  let turn = 0

  const listIfStartable = (host: Host) => {
    if (host.listed) return
    const dueMillis = Hosts.startOf(host, options.perHost)
    if (dueMillis === undefined) return
    host.listed = true
    startable.push({ host, turn: turn++, dueMillis })
  }

  const toWindow = (host: Host, ...pages: ReadonlyArray<Page>) => {
    for (const page of pages) host.window.push(page)
    inWindows += pages.length
  }

  /** Reads pages of a host from the store; those that are busy are still queued there. */
  const refill = (host: Host, nowMillis: number) => {
    const room = Math.max(1, Math.min(readMax, windowMax - inWindows))
    const isFree = ({ id }: Page) => !host.busy.has(id)
    if (host.waiting > 0 && host.retryAt <= nowMillis) {
      const first = store.waiting(host.id, host.busy.size + room + 1).filter(isFree)
      const due = first.slice(0, room).filter((page) => page.due <= nowMillis)
      host.waiting -= due.length
      waiting -= due.length
      host.retryAt = first[due.length]?.due ?? Infinity
      toWindow(host, ...due)
      if (due.length > 0) return
    }
    if (host.queued > 0) {
      const queued = store.queued(host.id, 0, host.busy.size + room).filter(isFree)
      host.queued -= queued.length
      toWindow(host, ...queued)
    } else if (Hosts.mayTakeLate(host)) {
      const late = store.queued(host.id, 1, host.busy.size + Math.min(room, lateMax)).filter(isFree)
      host.late -= late.length
      toWindow(host, ...late)
    }
  }

  /** Takes the next page that robots.txt allows; those that it forbids are set aside on the way. */
  const takeAllowed = (host: Host, robots: Robots, nowMillis: number): Page | undefined => {
    if (Hosts.windowIsEmpty(host)) refill(host, nowMillis)
    for (let page = Hosts.shift(host); page !== undefined; page = Hosts.shift(host)) {
      inWindows -= 1
      host.busy.set(page.id, nowMillis)
      if (page.rank === 0) host.busyEarly += 1
      const outcome = refusalOf(page, robots)
      if (outcome === undefined) return page
      open.pages += 1
      forbidden.push({ _tag: "Page", page, outcome, found: [] })
    }
    return undefined
  }

  /** Why a page is not fetched, now that it has its turn. */
  const refusalOf = (page: Page, robots: Robots): PageOutcome | undefined => {
    const { allowed, line, rule } = robots.decide(page.url)
    if (!allowed) {
      const detail = `line ${line} of robots.txt: ${rule}`
      return { _tag: "Skipped", reason: "robots", detail }
    }
    if (isSitemap(page)) return undefined
    const verdict = options.traps?.confirm(page.url, page.rank > 0)
    if (verdict === undefined || verdict._tag === "Pass") return undefined
    const { detail } = verdict
    return verdict._tag === "Later"
      ? { _tag: "Postponed", rule: verdict.rule, detail }
      : { _tag: "Skipped", reason: verdict.rule, detail }
  }

  const start = (host: Host, nowMillis: number): Next | undefined => {
    const { robots } = host
    const isStale = robots._tag === "Rules" && nowMillis > robots.untilMillis
    let job: Next
    if (robots._tag === "Rules" && !isStale) {
      const page = takeAllowed(host, robots.robots, nowMillis)
      // More of its pages may be in the store: they have their turn when these are committed.
      if (page === undefined) return undefined
      active.pages += 1
      job = { _tag: "FetchPage", page }
    } else {
      job = { _tag: "FetchRobots", origin: host.origin, attempts: host.robotsAttempts }
      host.isAskingRobots = true
      active.robots += 1
    }
    host.active += 1
    host.dueMillis = Math.max(host.dueMillis, nowMillis) + host.delayMillis
    listIfStartable(host)
    return job
  }

  /** While some page could start, a commit can wait for company. */
  const pause = (): Next => {
    const isBusy = active.pages + active.robots > 0
    const isOpen = open.pages + open.others > 0
    if (!isBusy && !isOpen) return { _tag: "Finished" }
    const unstarted = account.counts().left - active.pages - open.pages - waiting
    return { _tag: "Idle", needsCommit: isOpen && unstarted <= 0 }
  }

  /** With nothing under way, only a commit can bring something to do. */
  const commitIfAlone = (paused: Next): Next =>
    paused._tag === "Idle" && active.pages + active.robots === 0
      ? { ...paused, needsCommit: true }
      : paused

  /** All that can ever start belongs to hosts that do not answer. */
  const allAreParked = (nowMillis: number) =>
    active.pages + active.robots + open.pages + open.others === 0 &&
    startable.data.every(({ host }) => host.parkedUntilMillis > nowMillis)

  const next = (nowMillis: number): Next => {
    while (account.counts().done + active.pages + open.done < options.pagesMax) {
      const first = startable.peek()
      if (first === undefined) return commitIfAlone(pause())
      const { dueMillis, host } = first
      if (dueMillis > nowMillis) {
        if (host.parkedUntilMillis > nowMillis && allAreParked(nowMillis)) return { _tag: "Parked" }
        const paused = pause()
        return paused._tag === "Idle" && paused.needsCommit
          ? paused
          : { _tag: "WaitUntil", millis: dueMillis }
      }
      startable.pop()
      host.listed = false
      // It may rest until later by now.
      if ((Hosts.startOf(host, options.perHost) ?? 0) > nowMillis) {
        listIfStartable(host)
        continue
      }
      const job = start(host, nowMillis)
      if (job !== undefined) return job
    }
    return commitIfAlone(pause())
  }

  /** What an answer tells about the host. */
  const observe = (host: Host, startedMillis: number, conduct: Conduct) => {
    host.active -= 1
    Hosts.observe(host, startedMillis, conduct, options.restMillis)
  }

  /**
   * Judges the links of a page, and learns from it. Waiting for the commit would let dozens of pages of a
   * trap pass meanwhile; what is learned from a page that a crash makes us fetch again counts twice.
   */
  const learn = (page: Page, outcome: PageOutcome, found: ReadonlyArray<Found>) => {
    const { traps } = options
    if (traps === undefined) return
    for (const link of found) {
      const { depth, isSitemap, key, url } = link
      if (seen.has(key) || verdicts.has(key) || depth > options.depthMax || isSitemap) continue
      if (options.refusalOf(link) !== undefined || store.find(key) !== undefined) continue
      verdicts.set(key, traps.admit(url, page.url))
    }
    const fingerprint = outcome._tag === "Done" ? outcome.fingerprint : undefined
    if (fingerprint !== undefined) traps.observe(page.url, fingerprint)
  }
  // Of URLs that no commit has queued yet.
  const verdicts = new Map<string, Verdict>()

  const answerPage: Frontier["answerPage"] = (page, outcome, conduct, found = []) => {
    learn(page, outcome, found)
    const host = hosts.of(page.url.origin)
    active.pages -= 1
    open.pages += 1
    if (outcome._tag === "Done") open.done += 1
    observe(host, host.busy.get(page.id) ?? conduct.nowMillis, conduct)
    listIfStartable(host)
  }

  const answerRobots: Frontier["answerRobots"] = (origin, outcome, conduct) => {
    const host = hosts.of(origin)
    active.robots -= 1
    open.others += 1
    host.isAskingRobots = false
    observe(host, conduct.nowMillis, conduct)
    const { nowMillis } = conduct
    if (outcome._tag === "Later") {
      host.robotsAttempts += 1
      host.dueMillis = Math.max(host.dueMillis, outcome.dueMillis)
    } else if (outcome._tag === "Rules") {
      host.robotsAttempts = 0
      // The pause after robots.txt is the one that it asks for.
      host.dueMillis += outcome.delayMillis - host.delayMillis
      host.delayMillis = outcome.delayMillis
      host.robots = { ...outcome, untilMillis: nowMillis + outcome.keepMillis }
    } else if (host.robots._tag === "Rules") {
      // Rules that are too old are better than none (RFC 9309, 2.4).
      host.robots = { ...host.robots, untilMillis: nowMillis + robotsRetryMillis }
    } else {
      host.robots = outcome
      inWindows -= host.window.length - host.head
      host.window = []
      host.head = 0
    }
    listIfStartable(host)
  }

  const add = (found: Found, foundOn: Page | undefined, nowMillis: number) => {
    const { depth, isNofollow = false, redirectedFrom, url } = found
    const key = found.isSitemap === true ? found.key + sitemapMark : found.key
    if (seen.has(key)) return
    if (isNofollow) {
      if (shunned.has(key)) return
      shunned.add(key)
    }
    const known = store.find(key)
    if (known !== undefined) {
      // A shorter path to a page that was out of reach, or a link to follow, brings it back.
      if (known.state !== State.skipped || !mayComeBack(known.reason)) return seen.add(key)
      if (depth <= options.depthMax && !isNofollow) {
        account.skip(known.reason!, -1)
        bringBack(known.id, url, depth, nowMillis)
      }
      return
    }
    account.discover()
    if (account.counts().discovered - account.unkept > options.urlsMax) {
      account.unkept += 1
      return account.skip("frontier full", 1)
    }
    const { detail, rank, refusal } = judge(found, foundOn)
    if (!mayComeBack(refusal)) seen.add(key)
    const host = refusal === undefined ? hosts.of(url.origin) : undefined
    const id = store.insert({
      key,
      url,
      host: host?.id ?? 0,
      depth,
      parent: foundOn?.id,
      via: redirectedFrom,
      state: refusal === undefined ? State.queued : State.skipped,
      rank,
      reason: refusal,
      detail
    })
    if (host === undefined) return account.skip(refusal!, 1)
    if (refuseByRobots(host, id, nowMillis)) return
    touch(host)
    // What would be read next is kept, so that a small crawl never reads. A host may have half of what
    // is free: the others get their part.
    const ready = host.window.length - host.head + host.incoming
    const share = Math.max(readMax, (windowMax - inWindows + ready) >> 1)
    if (rank > 0) host.late += 1
    else if (host.queued > 0 || inWindows >= windowMax || ready >= share) host.queued += 1
    else {
      host.incoming += 1
      const page = { id, key, url, depth, redirectedFrom, attempts: 0, due: 0, rank }
      arrivals.push([host, { ...page, validators: undefined, canonical: undefined }])
    }
  }

  const bringBack = (id: number, url: URL, depth: number, nowMillis: number) => {
    const host = hosts.of(url.origin)
    store.requeue(id, host.id, depth)
    if (!refuseByRobots(host, id, nowMillis)) host.queued += 1
    touch(host)
  }

  /** Whether a URL is to be fetched, and whether that is to be after everything else. */
  const judge = (
    found: Found,
    foundOn: Page | undefined
  ): { refusal?: SkipReason; detail?: string | undefined; rank: number } => {
    const refused = options.refusalOf(found)
    if (refused !== undefined) return { refusal: refused.reason, detail: refused.detail, rank: 0 }
    if (found.depth > options.depthMax) return { refusal: "too deep", rank: 0 }
    if (options.traps === undefined || found.isSitemap === true) return { rank: 0 }
    const verdict = verdicts.get(found.key) ?? options.traps.admit(found.url, foundOn?.url)
    verdicts.delete(found.key)
    if (verdict._tag === "Pass") return { rank: 0 }
    return verdict._tag === "Later"
      ? { detail: `${verdict.rule}: ${verdict.detail}`, rank: 1 }
      : { refusal: verdict.rule, detail: verdict.detail, rank: 0 }
  }

  // Pages that a commit has added: they may start when it has succeeded.
  let arrivals: Array<readonly [Host, Page]> = []
  const touched = new Set<Host>()
  const touch = (host: Host) => touched.add(host)

  const endingOf = (outcome: Exclude<RobotsOutcome, { _tag: "Rules" | "Later" }>, at: number) =>
    outcome._tag === "Unavailable"
      ? { state: State.skipped, reason: robotsUnavailable, at }
      : { state: State.failed, reason: outcome.cause, detail: outcome.detail, at }

  const refuseByRobots = (host: Host, id: number, nowMillis: number): boolean => {
    const { robots } = host
    if (robots._tag !== "Unavailable" && robots._tag !== "Unreachable") return false
    const ending = endingOf(robots, nowMillis)
    store.end(id, ending)
    account.end(ending, 1)
    return true
  }

  const settlePage = (
    { admits, found, outcome, page }: Extract<Settlement, { _tag: "Page" }>,
    at: number
  ) => {
    const host = hosts.of(page.url.origin)
    touch(host)
    if (admits !== undefined) touch(hosts.admit(admits))
    for (const link of found) add(link, page, at)
    switch (outcome._tag) {
      case "Done": {
        const { canonical, dropped, noRow, status, validators } = outcome
        if (dropped !== undefined) account.drop(dropped)
        store.end(page.id, { state: State.done, status, validators, canonical, at, ...noRow })
        return account.done(noRow?.reason)
      }
      case "Skipped":
      case "Failed": {
        const state = outcome._tag === "Skipped" ? State.skipped : State.failed
        const reason = outcome._tag === "Skipped" ? outcome.reason : outcome.cause
        const status = outcome._tag === "Failed" ? outcome.status : undefined
        const ending = { state, reason, detail: outcome.detail, status, at }
        store.end(page.id, { ...ending, validators: page.validators })
        return account.end(ending, 1)
      }
      case "Retry": {
        const attempts = page.attempts + (outcome.isCounted ? 1 : 0)
        store.retry(page.id, attempts, outcome.dueMillis, outcome.cause, at)
        host.waiting += 1
        waiting += 1
        host.retryAt = Math.min(host.retryAt, outcome.dueMillis)
        return account.retry()
      }
      case "Postponed":
        store.postpone(page.id, outcome.rule, outcome.detail)
        host.late += 1
        return undefined
      case "Again": {
        const { redirectedFrom, url } = outcome
        store.move(page.id, url, redirectedFrom)
        // It is of the same origin, which is a part of the key.
        host.incoming += 1
        arrivals.push([host, { ...page, url, redirectedFrom }])
        return undefined
      }
    }
  }

  const settleRobots = (
    { found, origin, outcome }: Extract<Settlement, { _tag: "Robots" }>,
    at: number
  ) => {
    const host = hosts.of(origin)
    touch(host)
    if (outcome._tag === "Later") return store.note(at, origin, `robots.txt: ${outcome.cause}`)
    if (outcome._tag === "Rules") {
      const { body, delayMillis, keepMillis } = outcome
      const until = at + keepMillis
      store.saveRobots(host.id, { answer: "rules", body, at, until, delayMillis })
      for (const sitemap of found) add(sitemap, undefined, at)
      return undefined
    }
    if (host.robots._tag === "Rules") return undefined
    const ending = endingOf(outcome, at)
    const count = store.endAll(host.id, ending)
    account.end(ending, count)
    waiting -= host.waiting
    host.queued = 0
    host.late = 0
    host.waiting = 0
    host.retryAt = Infinity
    const body = ending.detail ?? ending.reason
    const answer = outcome._tag.toLowerCase()
    return store.saveRobots(host.id, {
      answer,
      body,
      at,
      until: at,
      delayMillis: host.delayMillis
    })
  }

  const settle = (settlement: Settlement, at: number) => {
    switch (settlement._tag) {
      case "Found":
        for (const found of settlement.found) add(found, undefined, at)
        return
      case "Page":
        return settlePage(settlement, at)
      case "Robots":
        return settleRobots(settlement, at)
    }
  }

  const commit: Frontier["commit"] = (settlements, nowMillis, alongside) => {
    arrivals = []
    touched.clear()
    try {
      store.transaction(() => {
        for (const settlement of settlements) settle(settlement, nowMillis)
        for (const host of touched) hosts.save(host)
        account.save(store)
        if (options.traps !== undefined) store.saveTraps(options.traps.takeChanges())
        alongside?.()
      })
      account.keep()
    } catch (error) {
      account.restore()
      throw error
    }
    for (const settlement of settlements) {
      if (settlement._tag === "Robots") open.others -= 1
      if (settlement._tag !== "Page") continue
      const { outcome, page } = settlement
      open.pages -= 1
      if (outcome._tag === "Done") open.done -= 1
      const host = hosts.of(page.url.origin)
      host.busy.delete(page.id)
      if (page.rank === 0) host.busyEarly -= 1
    }
    for (const [host, page] of arrivals) toWindow(host, page)
    for (const host of touched) {
      host.incoming = 0
      listIfStartable(host)
    }
  }

  for (const host of hosts.all()) {
    waiting += host.waiting
    listIfStartable(host)
  }
  return {
    next,
    takeForbidden: () => {
      const taken = forbidden
      forbidden = []
      return taken
    },
    answerPage,
    answerRobots,
    commit,
    healthOf: (origin) => {
      const host = hosts.of(origin)
      return { isDown: Hosts.isDown(host), hasAnswered: host.hasAnswered }
    },
    isAdmitted: hosts.isAdmitted,
    counts: account.counts,
    hostsAnswered: hosts.answered,
    slowest: (nowMillis, limit) => hosts.slowest(nowMillis, limit)
  }
}

/** Skipped for the path on which it was found: another one may do. */
const mayComeBack = (reason: string | null | undefined): boolean =>
  reason === "too deep" || reason === "nofollow"

/**
 * Whether a page is a sitemap.
 *
 * @since 0.1.0
 */
export const isSitemap = ({ key }: Page): boolean => key.endsWith(sitemapMark)
