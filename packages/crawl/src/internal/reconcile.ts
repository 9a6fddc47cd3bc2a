/** Holds the account of a job against its URLs, one by one. */
import * as Account from "./account.ts"
import { State } from "./schema.ts"

/**
 * A sum of the account that is not what its URLs add up to.
 *
 * @since 0.1.0
 */
export interface Difference {
  readonly sum: "discovered" | "done" | "failed" | "skipped" | "left"
  /** What the account says. */
  readonly account: number
  /** What the URLs of the job say. */
  readonly found: number
}

interface Source {
  readonly value: (name: string) => string | undefined
  readonly read: (sql: string) => ReadonlyArray<Readonly<Record<string, unknown>>>
}

/** The sums as the URLs have them. Reads all of them: a second for some million. */
export const recount = ({ read, value }: Source) => {
  const rows = read("SELECT state, count(*) AS count FROM url GROUP BY state")
  const of = (...states: ReadonlyArray<number>) =>
    rows
      .filter(({ state }) => states.includes(Number(state)))
      .reduce((sum, { count }) => sum + Number(count), 0)
  // Of URLs beyond the bound there is nothing but their number.
  const account = Account.load({ value })
  const unkept = account.counts().discovered - account.urlsKept()
  return {
    done: of(State.done),
    failed: of(State.failed),
    skipped: of(State.skipped) + unkept,
    left: of(State.queued, State.waiting)
  }
}

export const reconcile = (source: Source): ReadonlyArray<Difference> => {
  const counts = Account.load(source).counts()
  const found = recount(source)
  const { done, failed, left, skipped } = found
  const discovered = done + failed + skipped + left
  return Object.entries({ discovered, ...found })
    .map(([name, found]) => {
      const sum = name as Difference["sum"]
      return { sum, account: counts[sum], found }
    })
    .filter(({ account, found }) => account !== found)
}
