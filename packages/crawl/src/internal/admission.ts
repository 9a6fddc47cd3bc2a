/**
 * Decides about each URL that is found: whether the job has it, and whether it is to be fetched.
 *
 * Links are judged when their page is answered. Waiting for the commit would let dozens of pages of a
 * trap pass meanwhile. What is learned from a page that a crash makes us fetch again counts twice.
 */
import type { Robots } from "../Robots.ts"
import type { Traps } from "../Traps.ts"
import type { Hosts } from "./hosts.ts"
import { State } from "./schema.ts"
import { SeenKeys } from "./seenKeys.ts"
import { type Found, isSitemap, keyOf, type Page, type PageOutcome } from "./settlement.ts"
import type { Refusal, SkipReason } from "./settlement.ts"
import type { Known, Store } from "./store.ts"

/** What to do with a URL that was found. */
type Judgement =
  | { readonly _tag: "Known" }
  /** It was skipped for the path on which it was found, and there is another one. */
  | { readonly _tag: "InReach"; readonly id: number; readonly was: SkipReason }
  /** The job has as many URLs as it may have. */
  | { readonly _tag: "Full" }
  | New

/** It is to be fetched, unless there is a refusal; with rank 1 after everything else of its host. */
interface New {
  readonly _tag: "New"
  readonly refusal: SkipReason | undefined
  readonly detail: string | undefined
  readonly rank: number
}

export interface Options {
  readonly store: Store
  readonly hosts: Hosts
  readonly refusalOf: (found: Found) => Refusal | undefined
  readonly traps?: Traps | undefined
  readonly depthMax: number
  /** URLs of one host to take; those beyond are skipped as `host full`. */
  readonly hostUrlsMax: number
  readonly isFull: () => boolean
  /** Whether the store has no URLs. */
  readonly startsEmpty: boolean
}

export interface Admission {
  /** Learns from a page that is answered, and gives those of its links that are to be judged again. */
  readonly learn: (
    page: Page,
    outcome: PageOutcome,
    found: ReadonlyArray<Found>,
    nowMillis: number
  ) => ReadonlyArray<Found>
  /** For the commit: what is new is to be added, and is known from then on. */
  readonly judge: (found: Found, foundOn: Page | undefined, nowMillis: number) => Judgement
  /** Why a page is not fetched, now that it has its turn. */
  readonly refusalAtTurn: (page: Page, robots: Robots) => PageOutcome | undefined
}

export const make = (options: Options): Admission => {
  const { depthMax, hosts, store, traps } = options
  const seen = new SeenKeys()
  // Where links lead to that ask not to be followed: another link may bring it back.
  const shunned = new SeenKeys()
  /** Whether all keys of the store were added to `seen`. */
  let allWereSeen = options.startsEmpty
  // Of URLs that the store does not have: the next commits add them.
  const early = new Map<string, New>()

  const isHostFull = (origin: string) => (hosts.find(origin)?.urls ?? 0) >= options.hostUrlsMax
  const hostFull = refused({
    reason: "host full",
    detail: `${options.hostUrlsMax} URLs of its host were found before`
  })

  const isSettled = ({ isNofollow }: Found, key: string): boolean =>
    seen.has(key) || (isNofollow === true && shunned.has(key))

  /** A crawl that begins knows all keys, and does not look for those that are new. */
  const find = (key: string): Known | undefined =>
    allWereSeen && !seen.hasForgotten ? undefined : store.find(key)

  const judgeWanted = (found: Found, foundOn: Page | undefined, nowMillis: number): New => {
    const robots = hosts.rulesOf(found.url.origin, nowMillis)
    const forbidden = robots === undefined ? undefined : refusalBy(robots, found.url)
    if (forbidden !== undefined) return refused(forbidden)
    if (traps === undefined || found.isSitemap === true) return wanted
    const verdict = traps.admit(found.url, foundOn?.url)
    if (verdict._tag === "Pass") return wanted
    const { detail, rule } = verdict
    return verdict._tag === "Later"
      ? { ...wanted, detail: `${rule}: ${detail}`, rank: 1 }
      : refused({ reason: rule, detail })
  }

  /** A URL that another path may bring back is looked at on each path. */
  const recognise = (found: Found, key: string, { id, reason, state }: Known): Judgement => {
    if (state === State.skipped && mayComeBack(reason)) {
      const isInReach = found.depth <= depthMax && found.isNofollow !== true
      return isInReach ? { _tag: "InReach", id, was: reason } : isKnown
    }
    seen.add(key)
    return isKnown
  }

  /** Whether the commit of this page has anything to do about a link. One that is judged already is another's. */
  const mayBeNew = (link: Found, page: Page, nowMillis: number): boolean => {
    const key = keyOf(link)
    if (isSettled(link, key) || early.has(key)) return false
    if (link.depth > depthMax || options.refusalOf(link) !== undefined) return true
    const row = find(key)
    if (row !== undefined) return recognise(link, key, row) !== isKnown
    early.set(key, judgeWanted(link, page, nowMillis))
    return true
  }

  return {
    learn: (page, outcome, found, nowMillis) => {
      const unknown = found.filter((link) => mayBeNew(link, page, nowMillis))
      const fingerprint = outcome._tag === "Done" ? outcome.fingerprint : undefined
      if (fingerprint !== undefined) traps?.observe(page.url, fingerprint)
      return unknown
    },
    judge: (found, foundOn, nowMillis) => {
      const key = keyOf(found)
      if (isSettled(found, key)) return isKnown
      if (found.isNofollow === true) shunned.add(key)
      const judged = early.get(key)
      const row = judged === undefined ? find(key) : undefined
      if (row !== undefined) return recognise(found, key, row)
      early.delete(key)
      if (options.isFull()) return full
      const refusal = options.refusalOf(found)
      const isTooDeep = refusal === undefined && found.depth > depthMax
      if (isTooDeep || mayComeBack(refusal?.reason)) allWereSeen = false
      else seen.add(key)
      if (isTooDeep) return tooDeep
      if (refusal !== undefined) return refused(refusal)
      if (found.isSitemap !== true && isHostFull(found.url.origin)) return hostFull
      return judged ?? judgeWanted(found, foundOn, nowMillis)
    },
    refusalAtTurn: (page, robots) => {
      const forbidden = refusalBy(robots, page.url)
      if (forbidden !== undefined) return { _tag: "Skipped", ...forbidden }
      if (isSitemap(page)) return undefined
      const verdict = traps?.confirm(page.url, page.rank > 0)
      if (verdict === undefined || verdict._tag === "Pass") return undefined
      const { detail, rule } = verdict
      return verdict._tag === "Later"
        ? { _tag: "Postponed", rule, detail }
        : { _tag: "Skipped", reason: rule, detail }
    }
  }
}

/** Skipped for the path on which it was found. */
const mayComeBack = (reason: string | null | undefined): reason is string =>
  reason === tooDeep.refusal || reason === "nofollow"

const isKnown: Judgement = { _tag: "Known" }
const full: Judgement = { _tag: "Full" }
const wanted: New = { _tag: "New", refusal: undefined, detail: undefined, rank: 0 }
const tooDeep: New = { ...wanted, refusal: "too deep" }
const refused = ({ detail, reason }: Refusal): New => ({ ...wanted, refusal: reason, detail })

const refusalBy = (robots: Robots, url: URL): Refusal | undefined => {
  const { allowed, line, rule } = robots.decide(url)
  if (allowed) return undefined
  return { reason: "robots", detail: `line ${line} of robots.txt: ${rule}` }
}
