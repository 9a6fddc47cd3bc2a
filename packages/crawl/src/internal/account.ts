/** The sums of a crawl over all lives of its job, as its last commit left them. */
import { State } from "./schema.ts"
import type { DroppedLinks } from "./pageLinks.ts"
import type { NoRow } from "./settlement.ts"
import type { Store } from "./store.ts"

/**
 * The account of a crawl: `discovered = done + failed + skipped + left` at every moment.
 *
 * @since 0.1.0
 */
export interface Counts {
  readonly discovered: number
  readonly done: number
  /** Those of `done` that had not changed since an earlier visit, so that they gave no row. */
  readonly unchanged: number
  /** Those of `done` whose fields a schema did not take. */
  readonly rejected: number
  /** Those of `done` whose row another page has. */
  readonly duplicates: number
  /** Rows that were written, or given to whoever listens. */
  readonly rows: number
  readonly failed: number
  readonly skipped: number
  /** Queued, waiting to be tried again, or being fetched. */
  readonly left: number
  /** Attempts that failed and were, or will be, made again. */
  readonly retries: number
  readonly skippedBy: Readonly<Record<string, number>>
  readonly failedBy: Readonly<Record<string, number>>
  /**
   * Links that lead to no web page, by the reason, where those of a page that are equal are one; and as
   * `too many on one page` those that came after its first 20,000. No part of a sum.
   */
  readonly linksDropped: Readonly<Record<string, number>>
}

export interface Account {
  readonly counts: () => Counts
  /** Parts of them, for those who ask often. */
  readonly pagesDone: () => number
  readonly pagesLeft: () => number
  /** URLs that the store has. */
  readonly urlsKept: () => number
  readonly discover: () => void
  /** It is counted, and not kept. */
  readonly discoverUnkept: (reason: string) => void
  readonly done: (noRow: NoRow["reason"] | undefined) => void
  readonly skip: (reason: string, pages: number) => void
  readonly end: (
    ending: { readonly state: number; readonly reason?: string | undefined },
    pages: number
  ) => void
  readonly retry: () => void
  readonly drop: (links: DroppedLinks) => void
  /** So many are queued again, of those that ended like this for this reason. */
  readonly reopen: (state: number, reason: string, pages: number) => void
  /** So many that were done are queued again, and of the others so many gave no row, by the reason. */
  readonly revisit: (pages: number, without: Readonly<Record<string, number>>) => void
  readonly save: (store: Store) => void
  /** What was saved is durable. */
  readonly keep: () => void
  /** Takes back what was counted since the last `keep`. */
  readonly restore: () => void
}

interface Sums {
  discovered: number
  done: number
  unchanged: number
  rejected: number
  duplicates: number
  rows: number
  failed: number
  skipped: number
  retries: number
  unkept: number
  skippedBy: Record<string, number>
  failedBy: Record<string, number>
  linksDropped: Record<string, number>
}

const leftOf = ({ discovered, done, failed, skipped }: Omit<Sums, "unkept">) =>
  discovered - done - failed - skipped

const name = "account"
const nothing: Omit<Sums, "skippedBy" | "failedBy" | "linksDropped"> = {
  discovered: 0,
  done: 0,
  unchanged: 0,
  rejected: 0,
  duplicates: 0,
  rows: 0,
  failed: 0,
  skipped: 0,
  retries: 0,
  unkept: 0
}

export const load = (store: Pick<Store, "value">): Account => {
  let saved = store.value(name)
  const read = (): Sums => {
    const sums = { ...nothing, skippedBy: {}, failedBy: {}, linksDropped: {} }
    return saved === undefined ? sums : Object.assign(sums, JSON.parse(saved))
  }
  let sums = read()
  let unsure = saved

  const add = (by: Record<string, number>, reason: string, pages: number) => {
    by[reason] = (by[reason] ?? 0) + pages
    if (by[reason] === 0) delete by[reason]
  }
  const skip = (reason: string, pages: number) => {
    sums.skipped += pages
    add(sums.skippedBy, reason, pages)
  }
  const fail = (cause: string, pages: number) => {
    sums.failed += pages
    add(sums.failedBy, cause, pages)
  }
  return {
    counts: () => {
      const { unkept: _, ...counts } = sums
      return { ...counts, left: leftOf(counts) }
    },
    pagesDone: () => sums.done,
    pagesLeft: () => leftOf(sums),
    urlsKept: () => sums.discovered - sums.unkept,
    discover: () => {
      sums.discovered += 1
    },
    discoverUnkept: (reason) => {
      sums.discovered += 1
      sums.unkept += 1
      skip(reason, 1)
    },
    done: (noRow) => {
      sums.done += 1
      if (noRow === undefined) sums.rows += 1
      else if (noRow === "duplicate") sums.duplicates += 1
      else if (noRow !== "left out") sums[noRow] += 1
    },
    skip,
    end: ({ reason = "", state }, pages) => {
      if (pages > 0) (state === State.skipped ? skip : fail)(reason, pages)
    },
    reopen: (state, reason, pages) => {
      if (state === State.failed) return fail(reason, -pages)
      if (state === State.skipped) return skip(reason, -pages)
      sums.done -= pages
      if (reason === "rejected") sums.rejected -= pages
    },
    revisit: (pages, { duplicate = 0, rejected = 0, unchanged = 0 }) => {
      sums.done -= pages
      Object.assign(sums, { unchanged, rejected, duplicates: duplicate })
    },
    retry: () => {
      sums.retries += 1
    },
    drop: (links) => {
      for (const [reason, count] of Object.entries(links)) add(sums.linksDropped, reason, count)
    },
    save: (store) => {
      unsure = JSON.stringify(sums)
      store.setValue(name, unsure)
    },
    keep: () => {
      saved = unsure
    },
    restore: () => {
      sums = read()
    }
  }
}
