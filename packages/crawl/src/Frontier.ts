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
import * as Admission from "./internal/admission.ts"
import * as Hosts from "./internal/hosts.ts"
import type { Host } from "./internal/hosts.ts"
import * as Manners from "./internal/manners.ts"
import { record, type Recorded } from "./internal/recorder.ts"
import type {
  Conduct,
  Found,
  Health,
  Page,
  PageOutcome,
  Refusal,
  RobotsOutcome,
  Settlement,
  SlowHost
} from "./internal/settlement.ts"
import type { Store } from "./internal/store.ts"
import * as Windows from "./internal/windows.ts"
import type { Robots } from "./Robots.ts"
import type { Traps } from "./Traps.ts"

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
  Refusal,
  RobotsOutcome,
  Settlement,
  SkipReason,
  SlowHost
} from "./internal/settlement.ts"

/** Whether a page is a sitemap. @since 0.1.0 */
export { isSitemap } from "./internal/settlement.ts"

/** Which page of a host comes first. @since 0.1.0 */
export type { Order } from "./internal/windows.ts"

/** The account of a crawl. @since 0.1.0 */
export type { Counts } from "./internal/account.ts"

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
  /** Default `bfs`. */
  readonly order?: Windows.Order | undefined
  /** Requests to one origin at the same time. */
  readonly perHost: number
  /** Milliseconds between the starts of two requests to an origin whose robots.txt is not known. */
  readonly delayMillis: number
  /**
   * Drawn for each pause, which becomes so many times as long, but not shorter than what the site asks
   * for. Default: always 1.
   */
  readonly pauseFactor?: (() => number) | undefined
  /**
   * Whether a host that is slow, or that says it is asked too much, is asked more slowly: at most one
   * request on the average, with a pause that each 429 doubles, up to a minute. Default `false`.
   */
  readonly isAdaptive?: boolean | undefined
  /** Milliseconds for which an origin rests after it did not answer twice; doubled each time. */
  readonly restMillis: number
  readonly depthMax: number
  /** URLs of one host to take; those beyond are skipped as `host full`. Default: no bound. */
  readonly hostUrlsMax?: number
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
  /**
   * `found` is what the page links to. It is judged now, and queued by the commit: the answer is what its
   * settlement has to name, without what is known already or comes with the settlement of another page.
   */
  readonly answerPage: (
    page: Page,
    outcome: PageOutcome,
    conduct: Conduct,
    found?: ReadonlyArray<Found>
  ) => ReadonlyArray<Found>
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
  const windows = Windows.make(store, options.order ?? "bfs", hosts.all())
  const isFull = () => account.urlsKept() >= options.urlsMax
  const admission = Admission.make({
    ...options,
    hosts,
    hostUrlsMax: options.hostUrlsMax ?? Infinity,
    isFull,
    startsEmpty: account.urlsKept() === 0
  })
  const startable = new TinyQueue<{ host: Host; turn: number; dueMillis: number }>(
    [],
    (a, b) => a.dueMillis - b.dueMillis || a.turn - b.turn
  )
  const active = { pages: 0, robots: 0 }
  // What is answered, or skipped, and not committed.
  const open = { pages: 0, done: 0, others: 0 }
  let forbidden: Array<Settlement> = []
  let turn = 0

  const listIfStartable = (host: Host) => {
    if (host.listed) return
    const dueMillis = Manners.startOf(host, options.perHost)
    if (dueMillis === undefined) return
    host.listed = true
    startable.push({ host, turn: turn++, dueMillis })
  }

  /** Takes the next page that may be fetched; those that may not are set aside on the way. */
  const takeAllowed = (host: Host, robots: Robots, nowMillis: number): Page | undefined => {
    let page = windows.take(host, nowMillis)
    while (page !== undefined) {
      host.busy.set(page.id, nowMillis)
      if (page.rank === 0) host.busyEarly += 1
      const outcome = admission.refusalAtTurn(page, robots)
      if (outcome === undefined) return page
      open.pages += 1
      forbidden.push({ _tag: "Page", page, outcome, found: [] })
      // What is ready is looked through, and no more: the store is read at the next turn.
      page = Hosts.windowIsEmpty(host) ? undefined : windows.take(host, nowMillis)
    }
    return undefined
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
    host.dueMillis =
      Math.max(host.dueMillis, nowMillis) + Manners.pauseOf(host, options.pauseFactor)
    listIfStartable(host)
    return job
  }

  /** While some page could start, a commit can wait for company. */
  const pause = (): Next => {
    const isBusy = active.pages + active.robots > 0
    const isOpen = open.pages + open.others > 0
    if (!isBusy && !isOpen) return { _tag: "Finished" }
    const unstarted = account.pagesLeft() - active.pages - open.pages - windows.waiting()
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
    while (account.pagesDone() + active.pages + open.done < options.pagesMax) {
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
      if ((Manners.startOf(host, options.perHost) ?? 0) > nowMillis) {
        listIfStartable(host)
        continue
      }
      const job = start(host, nowMillis)
      if (job !== undefined) return job
    }
    return commitIfAlone(pause())
  }

  const answerPage: Frontier["answerPage"] = (page, outcome, conduct, found = []) => {
    const unknown = admission.learn(page, outcome, found, conduct.nowMillis)
    const host = hosts.of(page.url.origin)
    active.pages -= 1
    open.pages += 1
    if (outcome._tag === "Done") open.done += 1
    const startedMillis = host.busy.get(page.id) ?? conduct.nowMillis
    host.active -= 1
    Manners.observe(host, startedMillis, conduct, options.restMillis)
    if (options.isAdaptive === true) {
      Manners.adapt(host, startedMillis, conduct, options.restMillis)
    }
    listIfStartable(host)
    return unknown
  }

  const answerRobots: Frontier["answerRobots"] = (origin, outcome, conduct) => {
    const host = hosts.of(origin)
    active.robots -= 1
    open.others += 1
    host.isAskingRobots = false
    host.active -= 1
    Manners.observe(host, conduct.nowMillis, conduct, options.restMillis)
    Manners.hearRobots(host, outcome, conduct.nowMillis)
    if (Manners.endingOf(host.robots) !== undefined) windows.clear(host)
    listIfStartable(host)
  }

  const commit: Frontier["commit"] = (settlements, nowMillis, alongside) => {
    const tools = { account, admission, hosts, store, windows }
    let recorded: Recorded
    try {
      recorded = store.transaction(() => {
        const recorded = record(settlements, nowMillis, tools)
        for (const host of recorded.touched) hosts.save(host)
        account.save(store)
        if (options.traps !== undefined) store.saveTraps(options.traps.takeChanges())
        alongside?.()
        return recorded
      })
    } catch (error) {
      account.restore()
      throw error
    }
    account.keep()
    for (const settlement of settlements) close(settlement)
    for (const host of recorded.touched) host.incoming = 0
    for (const [host, page] of recorded.arrivals) windows.put(host, page)
    for (const host of recorded.touched) listIfStartable(host)
  }

  /** It is open no longer. */
  const close = (settlement: Settlement) => {
    if (settlement._tag === "Robots") open.others -= 1
    if (settlement._tag !== "Page") return
    const { outcome, page } = settlement
    open.pages -= 1
    if (outcome._tag === "Done") open.done -= 1
    const host = hosts.of(page.url.origin)
    host.busy.delete(page.id)
    if (page.rank === 0) host.busyEarly -= 1
  }

  for (const host of hosts.all()) listIfStartable(host)
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
      return { isDown: Manners.isDown(host), hasAnswered: host.hasAnswered }
    },
    isAdmitted: hosts.isAdmitted,
    counts: account.counts,
    hostsAnswered: hosts.answered,
    slowest: (nowMillis, limit) => hosts.slowest(nowMillis, limit)
  }
}
