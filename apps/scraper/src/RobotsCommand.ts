/** `scraper robots`: what a robots.txt says about a URL, and why. */
import * as Program from "@fibra/cli/Program"
import * as Flags from "@fibra/cli/Flags"
import { Robots, type RobotsAccess } from "@fibra/crawl"
import { Fetcher } from "@fibra/http/Fetcher"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { parseSeeds, usage } from "./CrawlFlags.ts"
import { productToken } from "./AgentFlags.ts"
import { withFetcher } from "./Identity.ts"
import * as PageFlags from "./PageFlags.ts"
import * as CrawlDelay from "./CrawlDelay.ts"
import * as RobotsFile from "./RobotsFile.ts"
import * as Screen from "./Screen.ts"
import { stoppedBy } from "./Visit.ts"

export const parameters = {
  ...PageFlags.net,
  url: Argument.String("url").pipe(
    Argument.withDescription("A page, whose site is asked for its robots.txt")
  ),
  path: Flag.String("path").pipe(
    Flag.withMetavar("PATH"),
    Flag.withDescription("Decide about this path of the site; repeatable (default: the URL's own)"),
    Flag.atLeast(0)
  ),
  agent: Flags.described(
    Flag.String("agent").pipe(Flag.withMetavar("NAME")),
    "The crawler to decide for, by the name that stands in robots.txt",
    productToken
  ),
  why: Flags.described(
    Flag.Boolean("why"),
    "Also the requests, what their answer means, Crawl-delay and sitemaps",
    false
  ),
  json: PageFlags.json
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const robots = Effect.fnUntraced(function* (flags: Parsed) {
  const { agent, json, path, why } = flags
  const [seed] = yield* parseSeeds([flags.url])
  if (!Robots.isProductToken(agent)) {
    return yield* usage(`--agent ${agent} cannot stand in a robots.txt: letters, - and _ only`)
  }
  const { origin, pathname, search } = seed!.url
  const wrong = path.find((text) => !text.startsWith("/"))
  if (wrong !== undefined) return yield* usage(`--path ${wrong} does not start with /`)

  const file = yield* RobotsFile.ask(yield* Fetcher, origin, agent)
  const { obey } = file
  const decisions = (path.length > 0 ? path : [pathname + search]).map((path) => ({
    path,
    ...obey.decide(new URL(`${origin}${path}`))
  }))
  const forbidden = decisions.filter(({ allowed }) => !allowed)

  if (json) yield* Screen.printJson(toJson(origin, agent, file, decisions))
  else {
    if (why) for (const line of access(file, agent)) yield* Screen.printLine(line)
    for (const decision of decisions) yield* Screen.printLine(lineOf(decision, file))
    if (why) for (const line of extras(obey)) yield* Screen.printLine(line)
  }
  if (file.failure !== undefined) return yield* stoppedBy(file.failure)
  if (forbidden.length > 0) return yield* new Program.Stopped({ exitCode: 10, reason: "" })
})

interface Decided extends Robots.Decision {
  readonly path: string
}

const lineOf = ({ allowed, line, path, rule }: Decided, { reason }: RobotsFile.RobotsFile) => {
  const none = reason === "its rules" ? "no line is about it" : reason
  const why = rule === undefined ? none : `line ${line}: ${rule}`
  return `${allowed ? "allowed" : "forbidden"} ${path} (${why})`
}

const access = (
  { asked, meaning }: RobotsFile.RobotsFile,
  agent: string
): ReadonlyArray<string> => [
  ...asked.map(({ answer, url }) => `${url}: ${answer.replace(`${url} `, "")}`),
  `${meanings[meaning._tag]}, for ${agent}`,
  ...("keepFor" in meaning ? [`a crawl asks again after ${Duration.format(meaning.keepFor)}`] : [])
]

const meanings: Record<Exclude<RobotsAccess.Meaning["_tag"], "Follow">, string> = {
  Rules: "its rules hold",
  Unchanged: "it has no rules: everything is allowed",
  NoRules: "it has no rules: everything is allowed",
  Unreachable: "it cannot be had for now: nothing is allowed until it can"
}

const extras = (robots: Robots.Robots): ReadonlyArray<string> => {
  const { sitemaps } = robots
  return [
    CrawlDelay.describe(robots) ?? "no Crawl-delay",
    ...(sitemaps.length === 0 ? ["no sitemaps"] : sitemaps.map((url) => `sitemap ${url}`))
  ]
}

const toJson = (
  origin: string,
  agent: string,
  { asked, keptUntilMillis, meaning, obey, reason }: RobotsFile.RobotsFile,
  decisions: ReadonlyArray<Decided>
) => {
  const { crawlDelay, sitemaps } = obey
  return {
    origin,
    agent,
    asked,
    meaning: meanings[meaning._tag],
    reason,
    checkAgainAt: keptUntilMillis === undefined ? null : new Date(keptUntilMillis).toISOString(),
    decisions: decisions.map(({ allowed, line, path, rule }) => ({
      path,
      allowed,
      rule: rule ?? null,
      line: line ?? null
    })),
    crawlDelaySeconds: crawlDelay === undefined ? null : Duration.toSeconds(crawlDelay),
    sitemaps
  }
}

export const robotsCommand = Command.make("robots", parameters, (flags) =>
  // Who asks says who it is, whoever it asks about.
  withFetcher({ ...flags, agent: productToken }, robots(flags))
).pipe(
  Command.withDescription(
    "Tells whether robots.txt allows a page, and which of its lines decides, as RFC 9309 says.\n\n" +
      "Exit codes: 0 allowed, 2 wrong usage, 4 no answer (which forbids all), 5 no acceptable TLS," +
      " 10 forbidden (with several --path: one of them)."
  ),
  Command.withShortDescription("Tells whether robots.txt allows a page, and why")
)
