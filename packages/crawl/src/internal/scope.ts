/** Which of the URLs that are found belong to a crawl. */
import { getDomain } from "tldts"
import type { CanonicalUrl } from "../CanonicalUrl.ts"
import type { Refusal } from "../Frontier.ts"

/** How far from its seeds a crawl goes. */
export type Scope = "host" | "domain" | "prefix" | "all"

export interface Options {
  readonly seeds: ReadonlyArray<CanonicalUrl>
  readonly scope: Scope
  readonly include: ReadonlyArray<RegExp>
  readonly exclude: ReadonlyArray<RegExp>
  /** Whether a host (`name` or `name:port`) was let in by a redirect of a seed. */
  readonly isAdmitted: (host: string) => boolean
}

/** Why a URL does not belong; `undefined` when it does. Seeds belong, whatever the patterns say. */
export const make = ({ exclude, include, isAdmitted, scope, seeds }: Options) => {
  const seedKeys = new Set(seeds.map(({ key }) => key))
  const inside = insideOf(scope, seeds)
  return ({ key, url }: CanonicalUrl): Refusal | undefined => {
    if (seedKeys.has(key)) return undefined
    const reason = isAdmitted(url.host) ? undefined : inside(url)
    if (reason !== undefined) return { reason }
    const excluded = exclude.find((pattern) => pattern.test(key))
    if (excluded !== undefined)
      return { reason: "excluded", detail: `it matches ${excluded.source}` }
    if (include.length > 0 && !include.some((pattern) => pattern.test(key))) {
      return { reason: "not included", detail: "it matches none of the patterns" }
    }
    return undefined
  }
}

const insideOf = (
  scope: Scope,
  seeds: ReadonlyArray<CanonicalUrl>
): ((url: URL) => string | undefined) => {
  switch (scope) {
    case "host": {
      const hosts = new Set(seeds.map(({ url }) => url.host))
      return ({ host }) => (hosts.has(host) ? undefined : "other host")
    }
    case "domain": {
      const domains = new Set(seeds.map(({ url }) => siteOf(url)))
      return (url) => (domains.has(siteOf(url)) ? undefined : "other domain")
    }
    case "prefix": {
      const prefixes = seeds.map(({ url }) => url.origin + url.pathname.replace(/[^/]*$/, ""))
      return ({ href }) =>
        prefixes.some((prefix) => href.startsWith(prefix)) ? undefined : "other path"
    }
    case "all":
      return () => undefined
  }
}

/** The domain that was registered; for an address or a bare name the name itself. */
const siteOf = ({ hostname }: URL): string =>
  getDomain(hostname, { allowPrivateDomains: true }) ?? hostname
