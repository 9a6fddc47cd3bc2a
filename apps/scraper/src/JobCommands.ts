/** `scraper resume`, `stop` and `why`: what can be done about a job that is there. */
import * as Program from "@fibra/cli/Program"
import { CanonicalUrl, Decisions, Job, Robots } from "@fibra/crawl"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Holder } from "@fibra/files/TargetLock"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Bodies from "./Bodies.ts"
import { withSettings } from "./Commands.ts"
import { usage } from "./CrawlFlags.ts"
import * as CrawlDelay from "./CrawlDelay.ts"
import { crawlCommand } from "./CrawlCommand.ts"
import { productToken } from "./AgentFlags.ts"
import * as JobArgument from "./JobArgument.ts"
import * as Screen from "./Screen.ts"

const job = JobArgument.argument

export const resumeCommand = Command.make("resume", { job }, ({ job }) =>
  Effect.gen(function* () {
    const directory = yield* JobArgument.find(job)
    const { args, cwd } = yield* Effect.scoped(commandOf(directory))
    yield* Effect.sync(() => process.chdir(cwd))
    const [, ...all] = yield* withSettings(["crawl", ...args])
    yield* Command.runWith(crawlCommand, { version: Program.versionOf(import.meta.url) })(all)
  }).pipe(Effect.catchTag("JobFailed", JobArgument.unreadable))
).pipe(
  Command.withDescription(
    "Goes on with a job: runs the crawl command that made it once more, in the same directory."
  )
)

/** What made the job, without the name of the command. */
const commandOf = Effect.fnUntraced(function* (directory: string) {
  const job = yield* Job.look(directory)
  const saved = yield* Job.recall(job, "command")
  if (saved === undefined) {
    return yield* usage(
      `the job ${directory} was not made by "scraper crawl": nothing says how to go on`
    )
  }
  const { args, cwd } = JSON.parse(saved) as { args: Array<string>; cwd: string }
  return { args: args.slice(args.indexOf("crawl") + 1), cwd }
})

export const stopCommand = Command.make("stop", { job }, ({ job }) =>
  Effect.gen(function* () {
    const directory = yield* JobArgument.find(job)
    const holderNow = Effect.map(JobArgument.lockOf(directory), ({ holder }) => holder)
    const holder = yield* holderNow
    if (holder === undefined) return yield* Screen.say(`nobody works on ${job}`)
    yield* signal(holder)
    while ((yield* holderNow)?.pid === holder.pid) yield* Effect.sleep("50 millis")
    yield* Screen.say(`process ${holder.pid} has stopped; "scraper resume ${job}" goes on`)
  })
).pipe(
  Command.withDescription(
    "Stops the crawl that works on a job, as Ctrl-C does, and waits until it has saved its state.\n\n" +
      "Exit codes: 0, 2 wrong usage, 3 there is no job, or its process cannot be told to stop."
  ),
  Command.withShortDescription("Stops the crawl that works on a job")
)

const signal = ({ host, isHere, pid }: Holder): Effect.Effect<void, Program.Stopped> => {
  const refuse = (reason: string) => new Program.Stopped({ exitCode: 3, reason })
  if (!isHere) return refuse(`process ${pid} of ${host} has the job: stop it there`)
  return Effect.suspend(() => {
    const problem = kill(pid)
    return problem === undefined
      ? Effect.void
      : refuse(`process ${pid} cannot be told to stop: ${problem.message}`)
  })
}

/** What the system says, unless the process has ended meanwhile. */
const kill = (pid: number): NodeJS.ErrnoException | undefined => {
  try {
    process.kill(pid, "SIGTERM")
    return undefined
  } catch (error) {
    const problem = error as NodeJS.ErrnoException
    return problem.code === "ESRCH" ? undefined : problem
  }
}

const whyParameters = {
  job,
  url: Argument.String("url").pipe(Argument.withDescription("A page, as a link to it is written")),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("JSON on stdout instead of text (default: false)"),
    Flag.withDefault(false)
  )
}

export const whyCommand = Command.make("why", whyParameters, ({ job, json, url }) =>
  Effect.gen(function* () {
    const directory = yield* JobArgument.find(job)
    const looked = yield* Job.look(directory)
    const link = CanonicalUrl.fromLink(url, undefined, yield* Job.urlRules(looked))
    if (Result.isFailure(link)) return yield* usage(link.failure.message)
    const decision = yield* Decisions.explain(looked, link.success.key)
    const body = yield* Bodies.find(`${directory}/bodies`, link.success.key)
    const robots = yield* Decisions.robotsOf(looked, link.success.url.origin)
    if (json)
      return yield* Screen.printJson({
        key: link.success.key,
        decision: decision ?? null,
        robots: robots?.answer ?? null,
        body: body ?? null,
        robotsIgnored: robots?.isIgnored ?? false
      })
    const agent = (yield* Job.recall(looked, "agent")) ?? productToken
    const lines = [
      ...sentences(link.success.key, decision),
      ...(robots === undefined ? [] : robotsSentences(link.success.url, robots, agent))
    ]
    for (const line of lines) yield* Screen.printLine(line)
    if (body !== undefined) yield* Screen.printLine(`  body: ${body}`)
    if (decision === undefined) return yield* new Program.Stopped({ exitCode: 8, reason: "" })
  }).pipe(Effect.scoped, Effect.catchTag("JobFailed", JobArgument.unreadable))
).pipe(
  Command.withDescription(
    "Tells what a job has decided about a URL, and by which rule: also while the crawl runs. Exits 8" +
      " when no page has led to it."
  )
)

const sentences = (
  key: string,
  decision: Decisions.Decision | undefined
): ReadonlyArray<string> => {
  if (decision === undefined) {
    return [`${key}: never found; no page that was fetched links to it, and it is no start URL`]
  }
  const { attempts, canonical, depth, detail, foundOn, isPostponed, reason } = decision
  const { redirectedFrom, status } = decision
  return [
    `${key}: ${headline(decision)}`,
    ...(detail === undefined || detail === reason ? [] : [`  ${detail}`]),
    ...(status === undefined ? [] : [`  status: ${status}`]),
    `  found on: ${foundOn ?? "it is a start URL, or from a sitemap"} (depth ${depth})`,
    ...(canonical === undefined ? [] : [`  rel=canonical: ${canonical}`]),
    ...redirectedFrom.map((from) => `  redirected from: ${from}`),
    ...(attempts > 0 ? [`  attempts that failed before: ${attempts}`] : []),
    ...(isPostponed ? ["  it comes after everything else of its host, as it may be a trap"] : []),
    ...(decision.atMillis === undefined
      ? []
      : [`  since: ${new Date(decision.atMillis).toISOString()}`])
  ]
}

const withoutRow: Readonly<Record<string, string>> = {
  unchanged: "done; it has not changed since an earlier visit, so there is no new row",
  rejected: "done; its row was rejected by the schema",
  duplicate: "done; it has no row, because its rel=canonical is that of a page that has one",
  "left out": "done; it has no row, because it lacks a field that --require names"
}

const headline = ({ dueMillis, reason, state }: Decisions.Decision): string => {
  switch (state) {
    case "done":
      return withoutRow[reason ?? ""] ?? "done; it was fetched, and has its row"
    case "failed":
      return `failed: ${reason}`
    case "skipped":
      return `skipped by the rule "${reason}"`
    case "queued":
      return "queued; it has not had its turn yet"
    case "waiting":
      return `waiting to be tried again at ${new Date(dueMillis ?? 0).toISOString()}: ${reason}`
  }
}

const robotsSentences = (url: URL, robots: Decisions.RobotsFound, agent: string) => {
  if (robots.answer !== "rules") return [`  robots.txt: ${robots.answer} (${robots.body})`]
  const rules = Robots.parse(robots.body, agent)
  const { allowed, line, rule } = rules.decide(url)
  const by = rule === undefined ? "no line is about it" : `line ${line}: ${rule}`
  if (robots.isIgnored) {
    return [`  robots.txt was ignored: ${allowed ? "it allows this" : "it forbids this"} (${by})`]
  }
  const delay = CrawlDelay.describe(rules, robots.delayMillis)
  return [
    `  robots.txt: ${allowed ? "allowed" : "forbidden"} (${by})`,
    ...(delay === undefined ? [] : [`  ${delay}`])
  ]
}
