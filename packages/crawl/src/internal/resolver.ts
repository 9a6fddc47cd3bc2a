/** Resolves the links of pages: what all pages of a site link to is resolved once, and not once a page. */
import * as Result from "effect/Result"
import { type CanonicalUrl, fromLink, type LinkRefused, type Options } from "../CanonicalUrl.ts"

type Reason = LinkRefused["reason"]

/** Resolves links against a page, and tells of those that cannot be followed. Pages repeat their links. */
export type Resolver = (
  links: ReadonlyArray<string>,
  from: URL,
  onDropped?: (reason: Reason) => void
) => ReadonlyArray<CanonicalUrl>

/** Links of one generation; there are two, so that what is in use is kept while the rest is forgotten. */
const generationMax = 4096

export const make = (rules?: Options): Resolver => {
  // Why it cannot be followed, if it cannot.
  let young = new Map<string, CanonicalUrl | Reason>()
  let old = young

  const resolve = (link: string, from: URL) =>
    Result.getOrElse(fromLink(link, from, rules), ({ reason }) => reason)

  const recall = (name: string, link: string, from: URL) => {
    const known = young.get(name)
    if (known !== undefined) return known
    const found = old.get(name) ?? resolve(link, from)
    if (young.size >= generationMax) {
      old = young
      young = new Map()
    }
    young.set(name, found)
    return found
  }

  return (links, from, onDropped) => {
    // Not the origin: a `<base>` with a blob has that of the page that it was made on.
    const site = from.protocol + from.host
    const found: Array<CanonicalUrl> = []
    for (const link of new Set(links)) {
      const name = nameOf(link, site)
      const url = name === undefined ? resolve(link, from) : recall(name, link, from)
      if (typeof url !== "string") found.push(url)
      else onDropped?.(url)
    }
    return found
  }
}

/**
 * Under what a link is known, if it means the same on all pages of its site.
 *
 * It is a text of its own: a part of the page would keep the whole page in memory.
 */
const nameOf = (link: string, site: string): string | undefined => {
  if (link.startsWith("/")) return site + link
  return /^https?:\/\//.test(link) ? `any ${link}` : undefined
}
