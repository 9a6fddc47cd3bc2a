/** The rules of robots.txt as data, so that what the file says and what the log counts agree. */

interface Rule {
  readonly allow: boolean
  /** A path pattern of RFC 9309: a prefix, with `*` for anything and `$` for the end. */
  readonly pattern: string
}

const rules: ReadonlyArray<Rule> = [
  { allow: false, pattern: "/admin/" },
  { allow: true, pattern: "/books/" },
  { allow: false, pattern: "/private/" },
  { allow: true, pattern: "/private/press/" },
  { allow: false, pattern: "/books/restricted-" },
  { allow: false, pattern: "/*?sort=" },
  { allow: false, pattern: "/files/*.zip$" },
  { allow: false, pattern: "/__" }
]

/** A crawler that may fetch nothing; its group must not hold for the others. */
const bannedAgent = "GreedyBot"

/** The text of robots.txt. */
export const text = (origin: string): string => `# Lanternfish Books
User-agent: ${bannedAgent}
Disallow: /

User-agent: *
${rules.map(({ allow, pattern }) => `${allow ? "Allow" : "Disallow"}: ${pattern}`).join("\n")}

Sitemap: ${origin}/sitemap.xml
`

/** Whether robots.txt lets an agent fetch a canonical path with its query. */
export const isAllowed = (path: string, userAgent: string): boolean => {
  if (path === "/robots.txt") return true
  if (userAgent.toLowerCase().includes(bannedAgent.toLowerCase())) return false
  const matching = compiled.filter(({ expression }) => expression.test(path))
  const longest = Math.max(...matching.map(({ pattern }) => pattern.length))
  // On a tie the rule that allows wins, as in RFC 9309.
  return (
    matching.length === 0 ||
    matching.some(({ allow, pattern }) => allow && pattern.length === longest)
  )
}

const compiled = rules.map((rule) => ({
  ...rule,
  expression: new RegExp(
    `^${rule.pattern.replaceAll(/[.?+^()|[\]{}\\]/g, String.raw`\$&`).replaceAll("*", ".*")}`
  )
}))
