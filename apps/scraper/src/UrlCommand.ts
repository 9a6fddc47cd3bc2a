/** `scraper url`: which URLs are one page for a crawl, and by which rules. */
import { CanonicalUrl } from "@fibra/crawl"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { parseSeeds } from "./CrawlFlags.ts"
import * as PageFlags from "./PageFlags.ts"
import * as Screen from "./Screen.ts"
import * as UrlFlags from "./UrlFlags.ts"

const parameters = {
  urls: Argument.String("url").pipe(
    Argument.withDescription("URLs whose canonical form is printed; without any, the rules are"),
    Argument.variadic()
  ),
  ...UrlFlags.parameters,
  json: PageFlags.json
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const url = Effect.fnUntraced(function* (flags: Parsed) {
  const rules = UrlFlags.rulesOf(flags)
  if (flags.urls.length === 0) {
    const listed = CanonicalUrl.rules.map((rule) => ruleOf(rule, rules))
    if (flags.json) return yield* Screen.printJson(listed)
    for (const rule of listed) yield* Screen.printLine(lineOf(rule))
    return undefined
  }
  const found = yield* parseSeeds(flags.urls, rules)
  const keys = found.map(({ key }, index) => ({ url: flags.urls[index]!, canonical: key }))
  if (flags.json) return yield* Screen.printJson(keys)
  for (const { canonical } of keys) yield* Screen.printLine(canonical)
  return undefined
})

const ruleOf = (
  { about, example, option }: CanonicalUrl.Rule,
  rules: Required<CanonicalUrl.Options>
) => ({
  rule: about,
  holds: option === undefined || rules[option] === true,
  flag: option === undefined ? null : UrlFlags.flagOf[option],
  example: { url: example[0], canonical: example[1] }
})

const lineOf = ({ example, flag, holds, rule }: ReturnType<typeof ruleOf>) => {
  const by = flag === null ? "" : ` (${holds ? "" : "off; "}${flag} switches it)`
  return `${rule}${by}: ${example.url} is ${example.canonical}`
}

export const urlCommand = Command.make("url", parameters, url).pipe(
  Command.withDescription(
    "Prints the canonical form of URLs, by which a crawl knows that they are one page; or without any," +
      " the rules by which it is made, and what switches them. The page is fetched at the URL as written.\n\n" +
      "Exit codes: 0, 2 wrong usage."
  ),
  Command.withShortDescription("Prints the canonical form of URLs, or its rules")
)
