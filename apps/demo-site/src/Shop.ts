/** The whole shop of a seed: each page by its canonical path, and the truth about them. */
import * as Books from "./Books.ts"
import * as BookPages from "./BookPages.ts"
import * as OddPages from "./OddPages.ts"
import type * as Page from "./Page.ts"
import * as ShopPages from "./ShopPages.ts"

export interface Shop {
  /** Pages by canonical path with query. */
  readonly pages: ReadonlyMap<string, Page.Page>
  readonly truth: Truth
}

/**
 * What a correct crawl of the shop finds. Paths are canonical; text is as a browser shows it,
 * without white space around it.
 */
export interface Truth {
  readonly origin: string
  readonly seed: number
  /** Every book that robots.txt allows; each is reachable by links from `/`. */
  readonly books: ReadonlyArray<{
    readonly path: string
    readonly title: string
    readonly price: string
    readonly stock: string
  }>
  /** The other HTML pages that a crawler follows links of. */
  readonly pages: ReadonlyArray<string>
  /** Linked resources that are not HTML. */
  readonly files: ReadonlyArray<string>
  /** Pages that only `rel=nofollow` links lead to. */
  readonly nofollow: ReadonlyArray<string>
  /** Pages that robots.txt forbids, each with a link or a redirect to it. */
  readonly disallowed: ReadonlyArray<string>
  /** Where each redirect leads: a path, or the whole URL when it is on another host. */
  readonly redirects: ReadonlyArray<{
    readonly from: string
    readonly status: number
    readonly to: string
  }>
  /** Linked pages that answer with an error. */
  readonly failing: ReadonlyArray<{ readonly path: string; readonly status: number }>
  /** Paths that look linked, inside comments and such, and are not. */
  readonly ghosts: ReadonlyArray<string>
}

/** Makes the shop; equal arguments give equal pages, byte for byte. */
export const make = (options: {
  readonly origin: string
  readonly seed: number
  readonly books: number
}): Shop => {
  const { origin, seed } = options
  const books = Books.make({ seed, count: options.books })
  const source = { origin, seed, books }
  const pages = [...ShopPages.make(source), ...BookPages.make(source), ...OddPages.make(source)]
  const pathsOf = (kind: Page.Kind) =>
    pages.filter((page) => page.kind === kind).map((page) => page.path)
  const answersOf = (kind: Page.Kind) =>
    pages
      .filter((page) => page.kind === kind)
      .map((page) => ({ path: page.path, ...page.answer() }))
  return {
    pages: new Map(pages.map((page) => [page.path, page])),
    truth: {
      origin,
      seed,
      books: books.allowed.map(({ path, price, stock, title }) => ({ path, title, price, stock })),
      pages: pathsOf("html"),
      files: pathsOf("file"),
      nofollow: pathsOf("nofollow"),
      disallowed: pathsOf("disallowed"),
      redirects: answersOf("redirect").map(({ location, path, status }) => ({
        from: path,
        status,
        to: new URL(location!, origin + path).href.replace(origin, "")
      })),
      failing: answersOf("failing").map(({ path, status }) => ({ path, status })),
      ghosts: OddPages.ghosts
    }
  }
}
