/** Which page gives the row, where several say by `rel=canonical` that they are the same. */
import type { Page, Settlement } from "./settlement.ts"
import type { Store } from "./store.ts"

export interface Owners {
  /** The key of the page that has the row already; `undefined` when this page has it from now on. */
  readonly claim: (page: Page, canonical: string | undefined) => string | undefined
  /** From now on the store knows. */
  readonly committed: (settlements: ReadonlyArray<Settlement>) => void
}

/** The first page that is read has the row, whether it is the canonical one or not: that one may be missing. */
export const make = (store: Pick<Store, "ownerOf">): Owners => {
  /** The owners of rows that are not committed, by identity. */
  const claims = new Map<string, string>()
  return {
    claim: (page, canonical) => {
      const identity = canonical ?? page.key
      const owner = claims.get(identity) ?? store.ownerOf(identity, page.id)
      if (owner === undefined) claims.set(identity, page.key)
      return owner
    },
    committed: (settlements) => {
      if (claims.size === 0) return
      for (const settlement of settlements) {
        if (settlement._tag !== "Page" || settlement.outcome._tag !== "Done") continue
        const { canonical, noRow } = settlement.outcome
        if (noRow === undefined) claims.delete(canonical ?? settlement.page.key)
      }
    }
  }
}
