/** `scraper crawl --dry-run`: what the command would do, with all of its checks and nothing done. */
import * as Program from "@fibra/cli/Program"
import { type CanonicalUrl, Job } from "@fibra/crawl"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { Parsed } from "./CrawlFlags.ts"
import * as AgentFlags from "./AgentFlags.ts"
import * as JobArgument from "./JobArgument.ts"
import * as JobPlace from "./JobPlace.ts"
import * as Screen from "./Screen.ts"

export const show = Effect.fnUntraced(function* (
  flags: Parsed,
  seeds: ReadonlyArray<CanonicalUrl.CanonicalUrl>,
  place: JobPlace.Place,
  delay: Duration.Input
) {
  const urls = seeds.map(({ url }) => url.href)
  const plan = {
    urls,
    userAgent: AgentFlags.userAgentOf(flags),
    scope: flags.scope,
    depth: flags.depth,
    robots: flags.robots,
    concurrency: flags.concurrency,
    perHost: flags.perHost,
    delayMillis: Duration.toMillis(Duration.fromInputUnsafe(delay)),
    output: place.output,
    rejects: place.rejects ?? null,
    answers: place.archive ?? place.bodies ?? null,
    job: place.directory ?? null,
    jobState: yield* stateOf(place)
  }
  if (flags.json) return yield* Screen.printJson(plan)
  const kept = Object.entries({ rejects: plan.rejects, answers: plan.answers })
  const limits = [
    ...Option.toArray(flags.maxPages).map((pages) => `${pages} pages`),
    ...Option.toArray(flags.maxTime).map(Duration.format),
    ...Option.toArray(flags.maxBytes).map((bytes) => `${bytes} bytes`)
  ]
  const lines = [
    `start: ${urls.slice(0, urlsShownMax).join(", ")}${urls.length > urlsShownMax ? `, and ${urls.length - urlsShownMax} more` : ""}`,
    `as: ${plan.userAgent}, robots.txt ${plan.robots === "ignore" ? "ignored" : "obeyed"}`,
    `scope: ${plan.scope}, links from a start URL: ${plan.depth}, limits: ${limits.join(", ") || "none"}`,
    `pace: ${plan.concurrency} requests at a time, ${plan.perHost} to one host, ${Duration.format(Duration.fromInputUnsafe(delay)) || "0ms"} apart`,
    `rows: ${plan.output === "-" ? "stdout" : plan.output}`,
    ...kept.flatMap(([name, path]) => (path === null ? [] : [`${name}: ${path}`])),
    `job: ${plan.job ?? "in memory"}, ${plan.jobState}`
  ]
  for (const line of lines) yield* Screen.printLine(line)
})

const urlsShownMax = 5

/** What the job is now, and what would become of it; fails as the command itself would. */
const stateOf = Effect.fnUntraced(function* (place: JobPlace.Place) {
  const { directory, isOverwritten } = place
  if (directory === undefined) return "new"
  const fs = yield* FileSystem.FileSystem
  const isThere = yield* Effect.orElseSucceed(
    fs.exists(`${directory}/${Job.fileName}`),
    () => false
  )
  if (!isThere) return "new"
  const { holder } = yield* JobArgument.lockOf(directory)
  if (holder !== undefined) {
    const reason = `process ${holder.pid} of ${holder.host} works on ${directory}`
    return yield* new Program.Stopped({ exitCode: 75, reason })
  }
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { counts, recall } = yield* JobArgument.view(directory)
      yield* JobPlace.check(place, recall)
      if (isOverwritten) return "starts again from nothing"
      return counts.left === 0
        ? "finished, nothing is left to do"
        : `goes on with ${counts.left} URLs left, after ${counts.done} ${counts.done === 1 ? "page" : "pages"}`
    })
  )
})
