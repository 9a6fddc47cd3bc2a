/**
 * The Robots Exclusion Protocol: what a site asks crawlers to leave alone (RFC 9309).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import { normalizePercent } from "./internal/percentEncoding.ts"

/**
 * The rules of one site for one crawler.
 *
 * @since 0.1.0
 */
export interface Robots {
  /** Whether the path and query of this URL may be fetched; `/robots.txt` always may. */
  isAllowed(url: URL): boolean
  /** The pause between requests that the site asks for; not in the RFC, but widely used. */
  readonly crawlDelay: Duration.Duration | undefined
  /** The sitemaps that the file names, for any crawler, as written. */
  readonly sitemaps: ReadonlyArray<string>
}

/** Parsing stops here; the RFC asks for at least 500 KiB. */
const bytesMax = 500 * 1024

/**
 * Parses the body of a robots.txt for the crawler with this product token.
 *
 * It never fails: lines that make no sense are passed over. All groups that name the token are
 * merged; without any, those for `*` apply; without those, all is allowed. The longest matching
 * pattern decides, and `allow` wins a tie. Names of crawlers are compared without case.
 *
 * ```ts
 * const robots = Robots.parse("User-agent: *\nDisallow: /private/\nAllow: /private/map$", "fibra")
 * robots.isAllowed(new URL("http://shop.example/private/x")) // => false
 * robots.isAllowed(new URL("http://shop.example/private/map")) // => true
 * ```
 *
 * @since 0.1.0
 */
export const parse = (body: string, productToken: string): Robots => {
  const { groups, sitemaps } = readGroups(body.slice(0, bytesMax))
  const named = groups.filter(({ agents }) => agents.includes(productToken.toLowerCase()))
  const chosen = named.length > 0 ? named : groups.filter(({ agents }) => agents.includes("*"))
  const delays = chosen.flatMap(({ delaySeconds }) => delaySeconds ?? [])
  return {
    isAllowed: allowedBy(chosen.flatMap(({ rules }) => rules)),
    crawlDelay: delays.length > 0 ? Duration.seconds(Math.max(...delays)) : undefined,
    sitemaps
  }
}

/**
 * The rules of a site that has no robots.txt: everything is allowed.
 *
 * @since 0.1.0
 */
export const allowAll: Robots = {
  isAllowed: () => true,
  crawlDelay: undefined,
  sitemaps: []
}

interface Rule {
  readonly allow: boolean
  readonly pattern: string
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
  for (const line of body.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)) {
    const record = /^\s*([a-z-]+)\s*:\s*(.*?)\s*$/i.exec(line.split("#", 1)[0]!)
    if (record === null) continue
    const [name, value] = [record[1]!.toLowerCase(), record[2]!]
    if (name === "sitemap") sitemaps.push(value)
    else if (name === "user-agent") {
      if (group === undefined || group.rules.length > 0) {
        group = { agents: [], rules: [] }
        groups.push(group)
      }
      group.agents.push(agentOf(value))
    } else if (group === undefined) continue
    else if (name === "allow" || name === "disallow") {
      group.rules.push({ allow: name === "allow", pattern: normalizePattern(value) })
    } else if (name === "crawl-delay" && /^\d+(\.\d+)?$/.test(value)) {
      group.delaySeconds = Number(value)
    }
  }
  return { groups, sitemaps }
}

/** `Fibra/1.2 (+http://...)` names the crawler `fibra`. */
const agentOf = (value: string): string =>
  value.startsWith("*") ? "*" : (/^[a-z_-]*/i.exec(value)?.[0] ?? "").toLowerCase()

const normalizePattern = (pattern: string): string =>
  normalizePercent(pattern.replace(/[^\x21-\x7e]+/g, (text) => encodeURI(text.toWellFormed())))

const allowedBy = (rules: ReadonlyArray<Rule>) => {
  // An empty pattern matches nothing: `Disallow:` alone is the old way to allow everything.
  const byLength = rules
    .filter(({ pattern }) => pattern !== "")
    .toSorted((a, b) => b.pattern.length - a.pattern.length || Number(b.allow) - Number(a.allow))
  return (url: URL): boolean => {
    if (url.pathname === "/robots.txt") return true
    const target = normalizePercent(url.pathname + url.search)
    return byLength.find(({ pattern }) => matches(pattern, target))?.allow ?? true
  }
}

/**
 * Matches a pattern with `*` and a final `$` in one pass: each piece between stars is looked for
 * after the one before, so the cost is bounded by lengths and not by the number of stars.
 */
const matches = (pattern: string, target: string): boolean => {
  const anchored = pattern.endsWith("$")
  const pieces = (anchored ? pattern.slice(0, -1) : pattern).split("*")
  const [first, ...rest] = pieces
  if (!target.startsWith(first!)) return false
  if (rest.length === 0) return !anchored || target.length === first!.length
  let from = first!.length
  const last = anchored ? rest.pop()! : ""
  for (const piece of rest) {
    const at = target.indexOf(piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return target.length - last.length >= from && target.endsWith(last)
}
