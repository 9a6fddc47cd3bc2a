/**
 * The pages of hosts that are in memory, ready to start; all others are in the store only.
 *
 * A window has the pages of its host that come first, so what is read is what is started next. What a
 * commit adds goes there without being read while nothing else comes before it: a small crawl never reads.
 */
import { type Host, windowIsEmpty } from "./hosts.ts"
import { mayTakeLate } from "./manners.ts"
import type { Page } from "./settlement.ts"
import type { Store } from "./store.ts"

/**
 * Which page of a host comes first: `bfs` the one that was found first, `dfs` the one that was found last.
 *
 * @since 0.1.0
 */
export type Order = "bfs" | "dfs"

/** Pages of all windows; a host has at least one in any case. */
const windowMax = 4096
/** Pages of one host that are read from the store at a time, at the most. */
const readMax = 256
/** Of those that come after everything else, since something else may come meanwhile. */
const lateMax = 16

export interface Windows {
  /** The page of a host that comes first, and is ready now. */
  readonly take: (host: Host, nowMillis: number) => Page | undefined
  /** Counts a page that a commit adds, and says whether it is to be put into the window after that. */
  readonly expect: (host: Host) => boolean
  /** Puts a page into the window that a commit has added or moved. */
  readonly put: (host: Host, page: Page) => void
  /** Forgets what is ready. */
  readonly clear: (host: Host) => void
  /** So many more pages wait to be tried again, the first of them until then. */
  readonly wait: (host: Host, pages: number, retryAt: number) => void
  /** Pages of all hosts that wait to be tried again; they are in the store only. */
  readonly waiting: () => number
}

export const make = (store: Store, order: Order, hosts: Iterable<Host>): Windows => {
  let inWindows = 0
  let waiting = 0
  for (const host of hosts) waiting += host.waiting

  const lengthOf = ({ head, window }: Host) => window.length - head

  /** A host may have half of what is free: the others get their part. */
  const hasRoom = (host: Host) => {
    const pages = lengthOf(host) + host.incoming
    return pages < Math.max(readMax, (windowMax - inWindows + pages) >> 1)
  }

  const fill = (host: Host, pages: ReadonlyArray<Page>) => {
    for (const page of order === "dfs" ? pages.toReversed() : pages) host.window.push(page)
    inWindows += pages.length
  }

  /** Reads pages of a host from the store; those that are busy are still queued there. */
  const refill = (host: Host, nowMillis: number) => {
    const room = Math.max(1, Math.min(readMax, windowMax - inWindows))
    const isFree = ({ id }: Page) => !host.busy.has(id)
    if (host.waiting > 0 && host.retryAt <= nowMillis) {
      const first = store.waiting(host.id, host.busy.size + room + 1).filter(isFree)
      const due = first.slice(0, room).filter((page) => page.due <= nowMillis)
      wait(host, -due.length, first[due.length]?.due ?? Infinity)
      fill(host, due)
      if (due.length > 0) return
    }
    if (host.queued > 0) {
      const queued = store.queued(host.id, 0, order, host.busy.size + room).filter(isFree)
      host.queued -= queued.length
      fill(host, queued)
    } else if (mayTakeLate(host)) {
      const limit = host.busy.size + Math.min(room, lateMax)
      const late = store.queued(host.id, 1, order, limit).filter(isFree)
      host.late -= late.length
      fill(host, late)
    }
  }

  /** Leaves to the store what comes last of a window; it is read again. */
  const giveBack = (host: Host, page: Page) => {
    inWindows -= 1
    if (page.isWaiting) wait(host, 1, Math.min(host.retryAt, page.due))
    else if (page.rank > 0) host.late += 1
    else host.queued += 1
  }

  const wait: Windows["wait"] = (host, pages, retryAt) => {
    host.waiting += pages
    waiting += pages
    host.retryAt = retryAt
  }

  return {
    take: (host, nowMillis) => {
      if (windowIsEmpty(host)) refill(host, nowMillis)
      if (windowIsEmpty(host)) return undefined
      inWindows -= 1
      return order === "dfs" ? takeLast(host) : takeFirst(host)
    },
    expect: (host) => {
      const isNext =
        order === "dfs" || (host.queued === 0 && inWindows < windowMax && hasRoom(host))
      if (isNext) host.incoming += 1
      else host.queued += 1
      return isNext
    },
    put: (host, page) => {
      if (order === "dfs" && !hasRoom(host)) giveBack(host, takeFirst(host))
      host.window.push(page)
      inWindows += 1
    },
    clear: (host) => {
      inWindows -= lengthOf(host)
      host.window = []
      host.head = 0
    },
    wait,
    waiting: () => waiting
  }
}

const takeFirst = (host: Host): Page => {
  const page = host.window[host.head]!
  host.head += 1
  if (host.head === host.window.length) {
    host.window = []
    host.head = 0
  } else if (host.head > 1024 && host.head * 2 > host.window.length) {
    host.window = host.window.slice(host.head)
    host.head = 0
  }
  return page
}

const takeLast = (host: Host): Page => {
  const page = host.window.pop()!
  if (host.head === host.window.length) {
    host.window = []
    host.head = 0
  }
  return page
}
