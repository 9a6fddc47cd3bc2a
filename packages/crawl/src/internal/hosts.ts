/** The hosts of a crawl: what each asks for, how it behaves, and which of its pages are ready. */
import * as Pace from "./pace.ts"
import type { Page, RobotsOutcome, SlowHost } from "./settlement.ts"
import type { Robots } from "../Robots.ts"
import type { Store } from "./store.ts"

export interface Host {
  readonly id: number
  readonly origin: string
  robots:
    | { readonly _tag: "Unknown" }
    | { readonly _tag: "Rules"; readonly robots: Robots; readonly untilMillis: number }
    | Extract<RobotsOutcome, { readonly _tag: "Unavailable" | "Unreachable" }>
  isAskingRobots: boolean
  robotsAttempts: number
  /** Pages that are ready; those before `head` are gone. */
  window: Array<Page>
  head: number
  /** Pages that a commit under way will add to the window. */
  incoming: number
  /** Pages that are being fetched, or answered and not committed, with the time of their start. */
  readonly busy: Map<number, number>
  /** Requests that are being answered. */
  active: number
  /** Queued pages that are in the store only. */
  queued: number
  /** Queued pages in the store that come after everything else. */
  late: number
  /** Those of `busy` that do not: what they lead to is not known yet. */
  busyEarly: number
  /** Pages in the store that wait to be tried again, and when the first of them is due. */
  waiting: number
  retryAt: number
  /** When its next request may start, as politeness goes. */
  dueMillis: number
  delayMillis: number
  /** How much slower it is asked than that. */
  pace: Pace.Pace
  /** Requests without an answer, one after the other; the last one, when. */
  failures: number
  failedAtMillis: number
  parks: number
  parkedUntilMillis: number
  hasAnswered: boolean
  isAdmitted: boolean
  /** URLs that were taken to be fetched, whatever has become of them. */
  urls: number
  listed: boolean
}

/** After so many requests without an answer, one after the other, a host is parked. */
export const failuresMax = 5

export interface Hosts {
  /** The host of an origin, which is made in the store if it is not there. */
  readonly of: (origin: string) => Host
  readonly find: (origin: string) => Host | undefined
  /** The rules of an origin that are known and not too old. */
  readonly rulesOf: (origin: string, nowMillis: number) => Robots | undefined
  readonly all: () => Iterable<Host>
  readonly admit: (origin: string) => Host
  readonly isAdmitted: (host: string) => boolean
  readonly answered: () => number
  readonly save: (host: Host) => void
  readonly slowest: (nowMillis: number, limit: number) => ReadonlyArray<SlowHost>
}

export interface Options {
  readonly store: Store
  readonly delayMillis: number
  readonly parseRobots: (body: string) => { robots: Robots; delayMillis: number }
  readonly nowMillis: number
  readonly wasKilled: boolean
}

export const load = ({ delayMillis, nowMillis, parseRobots, store, wasKilled }: Options): Hosts => {
  const hosts = new Map<string, Host>()
  const admitted = new Set<string>()

  const put = (id: number, origin: string): Host => {
    const host: Host = {
      id,
      origin,
      robots: { _tag: "Unknown" },
      isAskingRobots: false,
      robotsAttempts: 0,
      window: [],
      head: 0,
      incoming: 0,
      busy: new Map(),
      active: 0,
      queued: 0,
      late: 0,
      busyEarly: 0,
      waiting: 0,
      retryAt: Infinity,
      dueMillis: 0,
      delayMillis,
      pace: Pace.start,
      failures: 0,
      failedAtMillis: -Infinity,
      parks: 0,
      parkedUntilMillis: 0,
      hasAnswered: false,
      isAdmitted: false,
      urls: 0,
      listed: false
    }
    hosts.set(origin, host)
    return host
  }

  const of = (origin: string) => hosts.get(origin) ?? put(store.addHost(origin), origin)

  const byId = new Map<number, Host>()
  for (const row of store.hosts()) {
    const host = put(row.id, row.origin)
    byId.set(row.id, host)
    host.hasAnswered = row.hasAnswered
    host.isAdmitted = row.isAdmitted
    host.urls = row.urls
    if (row.isAdmitted) admitted.add(new URL(row.origin).host)
    // A host that was parked gets one try.
    host.failures = Math.min(row.failures, failuresMax - 1)
    host.parks = row.parks
    if (row.robotsAnswer === "rules") {
      const { delayMillis, robots } = parseRobots(row.robots ?? "")
      host.robots = { _tag: "Rules", robots, untilMillis: row.robotsUntil }
      host.delayMillis = delayMillis
    }
    // What a killed life asked for last is not known: it may have been just now.
    host.dueMillis = Math.max(row.nextAt, wasKilled ? nowMillis + host.delayMillis : 0)
  }
  for (const { dueMin, host: id, late, queued, waiting } of store.backlogs()) {
    const host = byId.get(id)
    if (host === undefined) continue
    host.queued = queued
    host.late = late
    host.waiting = waiting
    host.retryAt = dueMin
  }

  return {
    of,
    find: (origin) => hosts.get(origin),
    rulesOf: (origin, nowMillis) => {
      const robots = hosts.get(origin)?.robots
      return robots?._tag === "Rules" && nowMillis <= robots.untilMillis ? robots.robots : undefined
    },
    all: () => hosts.values(),
    admit: (origin) => {
      const host = of(origin)
      host.isAdmitted = true
      admitted.add(new URL(origin).host)
      return host
    },
    isAdmitted: (host) => admitted.has(host),
    answered: () => [...hosts.values()].filter(({ hasAnswered }) => hasAnswered).length,
    save: (host) => {
      const { dueMillis, failures, hasAnswered, id, isAdmitted, parks, urls } = host
      store.saveHost({ id, nextAt: dueMillis, failures, parks, hasAnswered, isAdmitted, urls })
    },
    slowest: (nowMillis, limit) =>
      [...hosts.values()]
        .map((host) => slow(host, nowMillis))
        .filter(({ left }) => left > 0)
        .toSorted((a, b) => b.left * b.delayMillis - a.left * a.delayMillis || b.left - a.left)
        .slice(0, limit)
  }
}

/** Whether it has no page that is ready. */
export const windowIsEmpty = (host: Host): boolean => host.head === host.window.length

const slow = (host: Host, nowMillis: number): SlowHost => {
  const left =
    host.queued + host.late + host.waiting + host.window.length - host.head + host.busy.size
  return { origin: host.origin, left, delayMillis: host.delayMillis, why: why(host, nowMillis) }
}

const why = (host: Host, nowMillis: number): string => {
  const seconds = (until: number) => `${Math.ceil((until - nowMillis) / 1000)} s`
  if (host.parkedUntilMillis > nowMillis) {
    return `does not answer, asked again in ${seconds(host.parkedUntilMillis)}`
  }
  const pause = Pace.pauseOf(host.pace, host.delayMillis)
  if (host.dueMillis > nowMillis + pause) return `rests for ${seconds(host.dueMillis)}`
  if (pause === 0) return "as fast as it answers"
  const each = `a request each ${Math.round(pause / 10) / 100} s`
  if (pause === host.delayMillis) return each
  return host.pace.slowMillis > 0 ? `${each}, as it answers 429` : `${each}, as it is slow`
}
