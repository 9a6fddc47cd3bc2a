/** Where a page leads: its links as URLs, each once, and those that lead nowhere. */
import * as Result from "effect/Result"
import {
  baseOf,
  type CanonicalUrl,
  fromLink,
  type LinkRefused,
  type Options as UrlRules
} from "../CanonicalUrl.ts"
import { forbidsFollowing, type Outline } from "../Extract.ts"
import type { Resolver } from "./resolver.ts"

export interface PageLinks {
  /** The key that the page gives as its own, where that is another one. */
  readonly canonical: string | undefined
  readonly links: ReadonlyArray<CanonicalUrl>
  /** Where only links with `rel=nofollow` lead. */
  readonly nofollowLinks: ReadonlyArray<CanonicalUrl>
  /** How many of the links are left out, by the reason. */
  readonly dropped: DroppedLinks | undefined
}

export type DroppedLinks = Readonly<Partial<Record<LinkRefused["reason"] | typeof tooMany, number>>>

/** The reason of those that came after the most that are read of a page. */
const tooMany = "too many on one page"

export interface Options {
  /** Whether a page, or its header, may ask not to follow its links. */
  readonly robots: "obey" | "ignore"
  /** Who we are, where something is said to one crawler alone. */
  readonly productToken: string
  /** Whether a link may ask not to be followed. */
  readonly nofollow: "obey" | "ignore"
  /** How keys are made of URLs. */
  readonly urls: UrlRules
  readonly resolve: Resolver
}

/** What is no HTML leads nowhere. */
export const none: PageLinks = {
  canonical: undefined,
  links: [],
  nofollowLinks: [],
  dropped: undefined
}

export const of = (
  page: { readonly url: URL; readonly key: string },
  outline: Outline,
  robotsTag: string | undefined,
  options: Options
): PageLinks => {
  const from = baseOf(page.url, outline.base)
  const own = outline.canonical === undefined ? undefined : keyOf(outline.canonical, from, options)
  const canonical = own === page.key ? undefined : own
  const asksNotTo = outline.nofollow || forbidsFollowing(robotsTag ?? "", options.productToken)
  if (asksNotTo && options.robots === "obey") return { ...none, canonical }

  const dropped: { -readonly [Reason in keyof DroppedLinks]: number } = {}
  const resolve = (links: ReadonlyArray<string>) =>
    options.resolve(links, from, (reason) => (dropped[reason] = (dropped[reason] ?? 0) + 1))
  if (outline.linksCut > 0) dropped[tooMany] = outline.linksCut
  const obeys = options.nofollow === "obey"
  const links = resolve(obeys ? outline.links : [...outline.links, ...outline.nofollowLinks])
  const nofollowLinks = resolve(obeys ? outline.nofollowLinks : [])
  return { canonical, links, nofollowLinks, dropped }
}

const keyOf = (link: string, from: URL, { urls }: Options): string | undefined =>
  Result.getOrUndefined(fromLink(link, from, urls))?.key
