/** How a crawl tells URLs apart: the rules of which some can be switched. */
import * as Flags from "@fibra/cli/Flags"
import { CanonicalUrl } from "@fibra/crawl"
import * as Flag from "effect/cli/Flag"

export const parameters = {
  keepParams: Flags.described(
    Flag.Literals("keep-params", ["none", "tracking", "sessions", "all"]),
    "Parameters that make another page of a URL, although they seldom do: see scraper url",
    "none"
  ),
  sortQuery: Flags.described(
    Flag.Boolean("sort-query"),
    "Take URLs for one page whose parameters differ in their order only",
    false
  ),
  maxUrlLength: Flags.described(
    Flags.between("max-url-length", 100, 65_536),
    "Characters of a URL; longer ones are not followed",
    CanonicalUrl.defaults.lengthMax
  )
}

interface Parsed {
  readonly keepParams: "none" | "tracking" | "sessions" | "all"
  readonly sortQuery: boolean
  readonly maxUrlLength: number
}

export const rulesOf = ({
  keepParams,
  maxUrlLength,
  sortQuery
}: Parsed): Required<CanonicalUrl.Options> => ({
  dropTracking: keepParams === "none" || keepParams === "sessions",
  dropSessions: keepParams === "none" || keepParams === "tracking",
  sortQuery,
  lengthMax: maxUrlLength
})

/** What switches a rule, as people write it. */
export const flagOf: Readonly<Record<keyof CanonicalUrl.Options, string>> = {
  dropTracking: "--keep-params tracking",
  dropSessions: "--keep-params sessions",
  sortQuery: "--sort-query",
  lengthMax: "--max-url-length"
}
