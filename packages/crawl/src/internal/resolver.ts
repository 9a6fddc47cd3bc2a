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

/** By site, since most links mean the same on all pages of one. */
interface Generation {
  readonly sites: Map<string, Map<string, CanonicalUrl>>
  size: number
}

const generation = (): Generation => ({ sites: new Map(), size: 0 })

export const make = (rules?: Options): Resolver => {
  let young = generation()
  let old = young

  const remember = (site: string, text: string, found: CanonicalUrl) => {
    if (young.size >= generationMax) {
      old = young
      young = generation()
    }
    const known = young.sites.get(site)
    if (known === undefined) young.sites.set(site, new Map([[text, found]]))
    else known.set(text, found)
    young.size += 1
  }

  return (links, from, onDropped) => {
    // Not the origin: a `<base>` with a blob has that of the page that it was made on.
    const site = from.protocol + from.host
    const found: Array<CanonicalUrl> = []
    for (const link of new Set(links)) {
      const recent = young.sites.get(site)?.get(link)
      if (recent !== undefined) {
        found.push(recent)
        continue
      }
      const known = old.sites.get(site)?.get(link) ?? resolve(link, from, rules)
      if (typeof known === "string") {
        onDropped?.(known)
        continue
      }
      found.push(known)
      const text = textOf(known.url, link)
      if (text === link) remember(site, text, known)
    }
    return found
  }
}

/** A URL, or why there is none. */
const resolve = (link: string, from: URL, rules: Options | undefined): CanonicalUrl | Reason =>
  Result.getOrElse(fromLink(link, from, rules), ({ reason }) => reason)

/**
 * How a link would be written that means the same on all pages of a site.
 *
 * It is a text of its own, to remember the link by: the link is a part of the page, and would keep the
 * whole page in memory.
 */
const textOf = (url: URL, link: string): string =>
  link.startsWith("/") ? url.pathname + url.search : url.href
