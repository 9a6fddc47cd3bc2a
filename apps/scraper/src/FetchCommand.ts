/** `scraper fetch`: one page, with the manners and the limits of a crawl. */
import * as Flags from "@fibra/cli/Flags"
import * as Program from "@fibra/cli/Program"
import { CanonicalUrl, Extract, PageText } from "@fibra/crawl"
import * as Charset from "@fibra/http/Charset"
import * as Sniff from "@fibra/http/Sniff"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { parseSeeds, refuseCredentials, usage } from "./CrawlFlags.ts"
import { withFetcher } from "./Identity.ts"
import * as PageFlags from "./PageFlags.ts"
import * as Screen from "./Screen.ts"
import * as Visit from "./Visit.ts"

const shown = (name: "headers" | "links" | "text", description: string) =>
  Flags.described(Flag.Boolean(name), description, false)

export const parameters = {
  url: Argument.String("url").pipe(Argument.withDescription("The page")),
  headers: shown("headers", "Status and headers instead of the page"),
  links: shown("links", "Where its links lead, one URL a line, instead of the page"),
  text: shown("text", "What a reader sees of it, instead of its HTML"),
  json: PageFlags.json,
  robots: PageFlags.robots,
  maxRedirects: PageFlags.maxRedirects,
  ...PageFlags.net
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const views = ["headers", "links", "text", "json"] as const

const fetch = Effect.fnUntraced(function* (flags: Parsed) {
  const chosen = views.filter((view) => flags[view])
  if (chosen.length > 1) return yield* usage(`--${chosen[0]} and --${chosen[1]} do not go together`)
  yield* refuseCredentials([flags.url])
  const [seed] = yield* parseSeeds([flags.url])
  const visitor = yield* Visit.make({ ...flags, delay: Duration.zero })
  const visited = yield* visitor.get(seed!.url)
  yield* show(visited, chosen[0])
  if (visited.status < 200 || visited.status >= 300) {
    const reason = `${visited.urls.at(-1)} answered with status ${visited.status}`
    return yield* new Program.Stopped({ exitCode: 8, reason })
  }
})

const show = (visited: Visit.Visited, view: (typeof views)[number] | undefined) => {
  const { body, headers, status, urls } = visited
  switch (view) {
    case undefined:
      return isText(visited) ? Screen.print(decode(visited).text) : Screen.print(body)
    case "headers":
      return Screen.print(
        [
          `${status} ${urls.at(-1)}`,
          ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
        ]
          .map((line) => `${Program.printable(line)}\n`)
          .join("")
      )
    case "links":
      return Screen.print(
        read(visited)
          .links.map((link) => `${link}\n`)
          .join("")
      )
    case "text":
      return Screen.print(isText(visited) ? `${textOf(visited)}\n` : "")
    case "json":
      return Screen.printJson({
        url: urls.at(-1),
        redirectedFrom: urls.slice(0, -1),
        status,
        headers,
        bytes: body.length,
        bytesSent: visited.bytesSent,
        ...(isText(visited)
          ? { ...withoutText(decode(visited)), ...read(visited), text: textOf(visited) }
          : {})
      })
  }
}

const kindOf = ({ body, headers }: Visit.Visited) => Sniff.kindOf(body, headers["content-type"])

const isText = (visited: Visit.Visited) => kindOf(visited) !== "binary"

const decode = ({ body, headers }: Visit.Visited) =>
  Charset.decodeFully(body, headers["content-type"])

const withoutText = ({ charset, replacements, source }: Charset.Decoded) => ({
  charset,
  charsetFrom: source,
  replacements
})

const textOf = (visited: Visit.Visited) => {
  const { text } = decode(visited)
  return kindOf(visited) === "html" ? PageText.of(text) : text
}

/** Links are as a crawl sees them: each once, without those that are no web pages. */
const read = (visited: Visit.Visited) => {
  if (kindOf(visited) !== "html") return { title: null, canonical: null, links: [] }
  const { base, canonical, links, nofollowLinks, title } = Extract.outline(decode(visited).text)
  const page = visited.urls.at(-1)!
  const from = CanonicalUrl.baseOf(new URL(page), base)
  const found = [...links, ...nofollowLinks]
    .map((link) => CanonicalUrl.fromLink(link, from))
    .filter(Result.isSuccess)
    .map(({ success }) => success.url.href)
  const canonicalUrl = canonical === undefined ? null : URL.parse(canonical, from.href)
  return { title, canonical: canonicalUrl?.href ?? null, links: [...new Set(found)] }
}

export const fetchCommand = Command.make("fetch", parameters, (flags) =>
  withFetcher(flags, fetch(flags))
).pipe(
  Command.withDescription(
    "Prints one page as UTF-8 text, with the address checks, limits and charset detection of a crawl." +
      " robots.txt is obeyed, and redirects are followed.\n\n" +
      "Exit codes: 0, 2 wrong usage, 4 no answer, 5 no acceptable TLS, 8 no status 2xx or no usable" +
      " page, 10 robots.txt forbids it, 141 nobody reads stdout any more."
  ),
  Command.withShortDescription("Prints one page")
)
