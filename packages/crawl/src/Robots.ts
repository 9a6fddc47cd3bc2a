/**
 * The Robots Exclusion Protocol: what a site asks crawlers to leave alone (RFC 9309).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import { normalizePercent } from "./internal/percentEncoding.ts"
import { decodeBody, records } from "./internal/robotsLines.ts"

/**
 * Whether a URL may be fetched, and the line that says so.
 *
 * @since 0.1.0
 */
export interface Decision {
  readonly allowed: boolean
  /** The deciding line as written, or `undefined` when no line matches. */
  readonly rule: string | undefined
  /** The number of that line, from 1. */
  readonly line: number | undefined
}

/**
 * The rules of one site for one crawler.
 *
 * @since 0.1.0
 */
export interface Robots {
  /** Whether the path and query of this URL may be fetched; `/robots.txt` always may. */
  isAllowed(url: URL): boolean
  /** The same, with the line that decides. */
  decide(url: URL): Decision
  /** The pause between requests that the site asks for; not in the RFC, but widely used. */
  readonly crawlDelay: Duration.Duration | undefined
  /** The sitemaps that the file names, for any crawler, as written. */
  readonly sitemaps: ReadonlyArray<string>
}

/**
 * Parses the body of a robots.txt for the crawler with this product token.
 *
 * It never fails: lines that make no sense are passed over, and what is beyond 500 KiB too. All
 * groups that name the token are merged; without any, those for `*` apply; without those, all is
 * allowed. The longest matching pattern decides, and `allow` wins a tie. Names of crawlers are
 * compared without case.
 *
 * Where the RFC leaves room it reads what Google's parser reads: a forgotten colon, common
 * misspellings of `disallow`, `allow: /index.html` for the folder itself.
 *
 * ```ts
 * const robots = Robots.parse("User-agent: *\nDisallow: /private/\nAllow: /private/map$", "fibra")
 * robots.isAllowed(new URL("http://shop.example/private/map")) // => true
 * robots.decide(new URL("http://shop.example/private/x"))
 * // => { allowed: false, rule: "Disallow: /private/", line: 2 }
 * ```
 *
 * @since 0.1.0
 */
export const parse = (body: string | Uint8Array, productToken: string): Robots => {
  const { groups, sitemaps } = readGroups(typeof body === "string" ? body : decodeBody(body))
  const named = groups.filter(({ agents }) => agents.includes(productToken.toLowerCase()))
  const chosen = named.length > 0 ? named : groups.filter(({ agents }) => agents.includes("*"))
  const delays = chosen.flatMap(({ delaySeconds }) => delaySeconds ?? [])
  const decide = decideBy(chosen.flatMap(({ rules }) => rules))
  return {
    isAllowed: (url) => decide(url).allowed,
    decide,
    crawlDelay: delays.length > 0 ? Duration.seconds(Math.max(...delays)) : undefined,
    sitemaps
  }
}

const unlisted: Decision = { allowed: true, rule: undefined, line: undefined }

/**
 * The rules of a site that has no robots.txt: everything is allowed.
 *
 * @since 0.1.0
 */
export const allowAll: Robots = {
  isAllowed: () => true,
  decide: () => unlisted,
  crawlDelay: undefined,
  sitemaps: []
}

/**
 * The rules of a site whose robots.txt cannot be had for now: only to ask for it again is allowed.
 *
 * @since 0.1.0
 */
export const disallowAll: Robots = {
  isAllowed: isRobotsTxt,
  decide: (url) => ({ ...unlisted, allowed: isRobotsTxt(url) }),
  crawlDelay: undefined,
  sitemaps: []
}

/**
 * Whether a name can stand in a robots.txt: letters, `-` and `_` only.
 *
 * @since 0.1.0
 */
export const isProductToken = (name: string): boolean => /^[a-z_-]+$/i.test(name)

interface Rule {
  readonly allow: boolean
  readonly pattern: string
  readonly text: string
  readonly line: number
}

interface Group {
  readonly agents: Array<string>
  readonly rules: Array<Rule>
  delaySeconds?: number
}

const readGroups = (body: string) => {
  const groups: Array<Group> = []
  const sitemaps: Array<string> = []
  // A user-agent line after a rule opens a new group; any other record leaves the group as it is.
  let group: Group | undefined
  for (const { line, name, text, value } of records(body)) {
    if (name === "sitemap") {
      if (value !== "") sitemaps.push(value)
    } else if (name === "user-agent") {
      if (group === undefined || group.rules.length > 0) {
        group = { agents: [], rules: [] }
        groups.push(group)
      }
      group.agents.push(agentOf(value))
    } else if (group === undefined) continue
    else if (name === "allow" || name === "disallow") {
      const allow = name === "allow"
      const pattern = normalizePattern(value)
      group.rules.push({ allow, pattern, text, line })
      const folder = /^(.*\/)index\.html?$/.exec(pattern)?.[1]
      if (allow && folder !== undefined) {
        group.rules.push({ allow, pattern: `${folder}$`, text, line })
      }
    } else if (name === "crawl-delay" && /^\d+(\.\d+)?$/.test(value)) {
      group.delaySeconds = Math.max(group.delaySeconds ?? 0, Number(value))
    }
  }
  return { groups, sitemaps }
}

/** `Fibra/1.2 (+http://...)` names the crawler `fibra`. */
const agentOf = (value: string): string =>
  /^\*(\s|$)/.test(value) ? "*" : /^[a-z_-]*/i.exec(value)![0].toLowerCase()

const normalizePattern = (pattern: string): string =>
  normalizePercent(pattern.replace(/[^\x21-\x7e]+/g, (text) => encodeURI(text.toWellFormed())))

const decideBy = (rules: ReadonlyArray<Rule>) => {
  // An empty pattern matches nothing: `Disallow:` alone is the old way to allow everything.
  const byLength = rules
    .filter(({ pattern }) => pattern !== "")
    .toSorted((a, b) => b.pattern.length - a.pattern.length || Number(b.allow) - Number(a.allow))
    .map((rule) => ({ ...rule, matches: matcher(rule.pattern) }))
  return (url: URL): Decision => {
    const { pathname, search } = url
    if (byLength.length === 0 || pathname === robotsTxt) return unlisted
    const target = normalizePercent(pathname + search)
    const found = byLength.find(({ matches }) => matches(target))
    if (found === undefined) return unlisted
    const { allow, line, text } = found
    return { allowed: allow, rule: text, line }
  }
}

const robotsTxt = "/robots.txt"

function isRobotsTxt(url: URL): boolean {
  return url.pathname === robotsTxt
}

/**
 * Matches a pattern with `*` and a final `$` in one pass: each piece between stars is looked for
 * after the one before, so the cost is bounded by lengths and not by the number of stars.
 */
const matcher = (pattern: string): ((target: string) => boolean) => {
  const anchored = pattern.endsWith("$")
  const [first, ...rest] = (anchored ? pattern.slice(0, -1) : pattern).split("*") as [
    string,
    ...Array<string>
  ]
  if (rest.length === 0) {
    return (target) => target.startsWith(first) && (!anchored || target.length === first.length)
  }
  const last = anchored ? rest.pop()! : ""
  return (target) => {
    if (!target.startsWith(first)) return false
    let from = first.length
    for (const piece of rest) {
      const at = target.indexOf(piece, from)
      if (at === -1) return false
      from = at + piece.length
    }
    return target.length - last.length >= from && target.endsWith(last)
  }
}
