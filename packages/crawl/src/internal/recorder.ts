/** Writes into the store what jobs have brought, and counts it: what a commit does in its transaction. */
import type { Account } from "./account.ts"
import type { Admission } from "./admission.ts"
import type { Host, Hosts } from "./hosts.ts"
import { endingOf } from "./manners.ts"
import { State } from "./schema.ts"
import { type Found, keyOf, type Page, type Settlement } from "./settlement.ts"
import type { Ending, NewUrl, Store } from "./store.ts"
import type { Windows } from "./windows.ts"

export interface Options {
  readonly store: Store
  readonly account: Account
  readonly hosts: Hosts
  readonly windows: Windows
  readonly admission: Admission
}

/** What comes of it for the hosts, once the transaction has succeeded. */
export interface Recorded {
  /** Those whose state has changed. */
  readonly touched: ReadonlySet<Host>
  /** Pages that go to the windows of their hosts. */
  readonly arrivals: ReadonlyArray<readonly [Host, Page]>
}

type Settled<Tag> = Extract<Settlement, { readonly _tag: Tag }>

/** Records the settlements of one commit. */
export const record = (
  settlements: ReadonlyArray<Settlement>,
  at: number,
  { account, admission, hosts, store, windows }: Options
): Recorded => {
  const touched = new Set<Host>()
  const arrivals: Array<readonly [Host, Page]> = []

  const add = (found: Found, foundOn: Page | undefined) => {
    const judgement = admission.judge(found, foundOn, at)
    if (judgement._tag === "Known") return
    if (judgement._tag === "InReach") return bringBack(judgement, found)
    if (judgement._tag === "Full") return account.discoverUnkept("frontier full")
    account.discover()
    const { detail, rank, refusal: reason } = judgement
    const key = keyOf(found)
    if (reason === undefined) return queue(key, found, foundOn, rank, detail)
    const ending = { state: State.skipped, reason, detail, at }
    insert(key, found, foundOn, { ...ending, host: hosts.find(found.url.origin)?.id ?? 0 })
    account.skip(reason, 1)
  }

  const queue = (
    key: string,
    found: Found,
    foundOn: Page | undefined,
    rank: number,
    detail: string | undefined
  ) => {
    const host = hosts.of(found.url.origin)
    const ending = endingOf(host.robots)
    if (ending !== undefined) {
      insert(key, found, foundOn, { ...ending, host: host.id, at })
      return account.end(ending, 1)
    }
    if (found.isSitemap !== true) host.urls += 1
    const id = insert(key, found, foundOn, { host: host.id, state: State.queued, rank, detail })
    touched.add(host)
    if (rank > 0) host.late += 1
    else if (windows.expect(host)) {
      const { depth, redirectedFrom, url } = found
      const rest = {
        attempts: 0,
        due: 0,
        isWaiting: false,
        rank,
        validators: undefined,
        canonical: undefined
      }
      arrivals.push([host, { id, key, url, depth, redirectedFrom, ...rest }])
    }
  }

  const insert = (
    key: string,
    { depth, redirectedFrom, url }: Found,
    foundOn: Page | undefined,
    entry: Pick<NewUrl, "host" | "state" | "rank" | "reason" | "detail" | "at">
  ) => store.insert({ ...entry, key, url, depth, parent: foundOn?.id, via: redirectedFrom })

  const bringBack = ({ id, was }: { id: number; was: string }, { depth, url }: Found) => {
    account.skip(was, -1)
    const host = hosts.of(url.origin)
    store.requeue(id, host.id, depth)
    touched.add(host)
    const ending = endingOf(host.robots)
    if (ending === undefined) host.queued += 1
    else end(id, ending)
  }

  const end = (id: number, ending: Omit<Ending, "at">) => {
    store.end(id, { ...ending, at })
    account.end(ending, 1)
  }

  const recordPage = ({ admits, found, outcome, page }: Settled<"Page">) => {
    const host = hosts.of(page.url.origin)
    touched.add(host)
    if (admits !== undefined) touched.add(hosts.admit(admits))
    for (const link of found) add(link, page)
    const { id, validators } = page
    switch (outcome._tag) {
      case "Done": {
        const { canonical, dropped, freshUntil, noRow, status, validators } = outcome
        if (dropped !== undefined) account.drop(dropped)
        const known = { status, validators, canonical, freshUntil }
        store.end(id, { state: State.done, ...known, at, ...noRow })
        return account.done(noRow?.reason)
      }
      case "Skipped": {
        const { detail, reason } = outcome
        return end(id, { state: State.skipped, reason, detail, validators })
      }
      case "Failed": {
        const { cause, detail, status } = outcome
        return end(id, { state: State.failed, reason: cause, detail, status, validators })
      }
      case "Retry": {
        const { cause, dueMillis, isCounted } = outcome
        store.retry(id, page.attempts + (isCounted ? 1 : 0), dueMillis, cause, at)
        windows.wait(host, 1, Math.min(host.retryAt, dueMillis))
        return account.retry()
      }
      case "Postponed":
        store.postpone(id, outcome.rule, outcome.detail)
        host.late += 1
        return undefined
      case "Again": {
        const { redirectedFrom, url } = outcome
        store.move(id, url, redirectedFrom)
        // It is of the same origin, which is a part of the key.
        host.incoming += 1
        arrivals.push([host, { ...page, url, redirectedFrom, isWaiting: false }])
        return undefined
      }
    }
  }

  const recordRobots = ({ found, origin, outcome }: Settled<"Robots">) => {
    const host = hosts.of(origin)
    touched.add(host)
    switch (outcome._tag) {
      case "Later":
        return store.note(at, origin, `robots.txt: ${outcome.cause}`)
      case "Rules": {
        const { body, delayMillis, keepMillis } = outcome
        store.saveRobots(host.id, {
          answer: "rules",
          body,
          at,
          until: at + keepMillis,
          delayMillis
        })
        for (const sitemap of found) add(sitemap, undefined)
        return undefined
      }
      case "Unavailable":
      case "Unreachable":
        // Rules that are too old are better than none.
        return host.robots._tag === "Rules" ? undefined : close(host, outcome)
    }
  }

  /** Ends all that is left of a host. */
  const close = (host: Host, outcome: Parameters<typeof endingOf>[0]) => {
    const ending = endingOf(outcome)!
    account.end(ending, store.endAll(host.id, { ...ending, at }))
    host.queued = 0
    host.late = 0
    windows.wait(host, -host.waiting, Infinity)
    const { delayMillis, id } = host
    const body = ending.detail ?? ending.reason
    store.saveRobots(id, { answer: outcome._tag.toLowerCase(), body, at, until: at, delayMillis })
  }

  for (const settlement of settlements) {
    if (settlement._tag === "Page") recordPage(settlement)
    else if (settlement._tag === "Robots") recordRobots(settlement)
    else for (const found of settlement.found) add(found, undefined)
  }
  return { touched, arrivals }
}
