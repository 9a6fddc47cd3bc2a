/** `scraper status`: how a crawl stands, whether it runs, was stopped, or was killed. */
import * as Flags from "@fibra/cli/Flags"
import type { Decisions, JobView, Traps } from "@fibra/crawl"
import type { Holder } from "@fibra/files/TargetLock"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as JobArgument from "./JobArgument.ts"
import { counted, size, trapLine } from "./Numbers.ts"
import * as Outcome from "./Outcome.ts"
import * as PageFlags from "./PageFlags.ts"
import * as Secrets from "./Secrets.ts"
import * as Screen from "./Screen.ts"

const parameters = {
  job: JobArgument.argument,
  hosts: Flags.described(Flags.between("hosts", 0, 1_000_000), "Hosts to show", 10),
  watch: Flags.described(
    Flag.Boolean("watch"),
    "Look again every two seconds, until no process has the job",
    false
  ),
  json: PageFlags.json
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const status = Effect.fnUntraced(function* (flags: Parsed) {
  const directory = yield* JobArgument.find(flags.job)
  const isTerminal = process.stdout.isTTY === true
  while (true) {
    const start = yield* Clock.currentTimeMillis
    const found = yield* look(directory)
    if (flags.json) yield* Screen.printJson(toJson(found, flags.hosts))
    else {
      if (flags.watch && isTerminal) yield* Screen.print(clearScreen)
      for (const line of linesOf(found, flags.hosts)) yield* Screen.printLine(line)
      if (flags.watch && !isTerminal) yield* Screen.print("\n")
    }
    if (!flags.watch || found.holder === undefined)
      return yield* Outcome.reconciled(found.differences)
    // A look at a large job takes a while: it is to be a small part of the time.
    const cost = (yield* Clock.currentTimeMillis) - start
    yield* Effect.sleep(Math.max(watchMillis, 9 * cost))
  }
})

const watchMillis = 2000
const rateMillis = 60_000
const trapsShown = 5
const clearScreen = "\x1b[H\x1b[2J"

type Condition = "running" | "killed" | "stopped" | "finished"

interface Found {
  readonly directory: string
  readonly condition: Condition
  readonly holder: Holder | undefined
  readonly nowMillis: number
  readonly counts: JobView.JobView["counts"]
  readonly differences: ReadonlyArray<Decisions.Difference>
  readonly work: JobView.Work
  readonly traps: ReadonlyArray<Traps.Report>
  readonly output: string | undefined
  readonly isRotated: boolean
  /** The file that answers are kept in. */
  readonly archive: string | undefined
  readonly lengths: JobView.JobView["lengths"]
  readonly command: { readonly args: ReadonlyArray<string>; readonly cwd: string } | undefined
}

const look = (directory: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      // The lock first: when it is gone by then, all that its process has committed is seen.
      const { holder, wasKilled } = yield* JobArgument.lockOf(directory)
      const view = yield* JobArgument.view(directory)
      const nowMillis = yield* Clock.currentTimeMillis
      const { counts, lengths } = view
      const work = yield* view.work(nowMillis - rateMillis, nowMillis)
      const command = yield* view.recall("command")
      return {
        directory,
        condition: conditionOf(holder, wasKilled, counts.left),
        holder,
        nowMillis,
        counts,
        differences: yield* view.reconcile,
        work,
        traps: yield* view.traps,
        output: yield* view.recall("output"),
        archive: yield* view.recall("archive"),
        isRotated: (yield* view.recall("rotated")) === "true",
        lengths,
        command: command === undefined ? undefined : shown(JSON.parse(command))
      } satisfies Found as Found
    })
  ).pipe(Effect.catchTag("JobFailed", JobArgument.unreadable))

const shown = (command: { readonly args: ReadonlyArray<string>; readonly cwd: string }) => ({
  ...command,
  args: Secrets.masked(command.args)
})

const conditionOf = (holder: Holder | undefined, wasKilled: boolean, left: number): Condition => {
  if (holder !== undefined) return "running"
  if (wasKilled) return "killed"
  return left > 0 ? "stopped" : "finished"
}

const linesOf = (found: Found, hostsMax: number): ReadonlyArray<string> => {
  const { command, counts, lengths, output, work } = found
  const { discovered, done, duplicates, failed, left, rejected, retries, rows, skipped } = counts
  const shown = work.hosts.slice(0, hostsMax)
  const bytes = Object.values(lengths ?? {}).reduce((sum, { bytes }) => sum + bytes, 0)
  return [
    `${found.directory}: ${describe(found)}`,
    ...(command === undefined
      ? []
      : [`command: scraper ${command.args.join(" ")} (in ${command.cwd})`]),
    `discovered ${discovered} = done ${done} + failed ${failed} + skipped ${skipped} + left ${left}`,
    `rows ${rows} | unchanged ${counts.unchanged}${optional({ duplicates, rejected })} | retries ${retries}`,
    rateLine(found),
    ...(failed > 0 ? [`failed: ${counted(counts.failedBy)}`] : []),
    ...found.traps.slice(0, trapsShown).map(trapLine),
    ...(skipped > 0 ? [`skipped: ${counted(counts.skippedBy)}`] : []),
    ...(output === undefined || output === "-"
      ? []
      : [`output: ${output}, ${size(bytes)} committed${inLast(found)}`]),
    ...(found.archive === undefined ? [] : [`answers: ${found.archive}`]),
    `hosts: ${work.hosts.length}${shown.length < work.hosts.length ? `, of which ${shown.length} with most to do` : ""}`,
    ...shown.map(
      (host) =>
        `- ${host.origin}: left ${host.left}, done ${host.done}, failed ${host.failed}; ${host.why}`
    )
  ]
}

/** Only those that there are. */
const optional = (by: Readonly<Record<string, number>>): string =>
  Object.entries(by)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => ` | ${name} ${count}`)
    .join("")

/** Of rotated files the job keeps how far the last one is committed; those before are complete. */
const inLast = ({ isRotated, lengths }: Found): string =>
  isRotated ? ` in ${Object.keys(lengths ?? {}).at(-1) ?? "the first file"}` : ""

const describe = ({ condition, counts, holder }: Found): string => {
  switch (condition) {
    case "running":
      return `running (process ${holder!.pid} of ${holder!.host})`
    case "killed":
      return "killed; nothing is lost, and the same command goes on"
    case "stopped":
      return `stopped with ${counts.left} URLs left; the same command goes on`
    case "finished":
      return "finished"
  }
}

const rateLine = ({ nowMillis, work }: Found): string => {
  const { endedSince, firstAtMillis, lastAtMillis } = work
  if (firstAtMillis === undefined || lastAtMillis === undefined) return "no page yet"
  const rate = rateOf(work, nowMillis)
  const ago = ((nowMillis - lastAtMillis) / 1000).toFixed(1)
  const last = `last page ${ago} s ago, at ${new Date(lastAtMillis).toISOString()}`
  return endedSince === 0 ? last : `${rate.toFixed(1)} pages/s in the last minute | ${last}`
}

/** Pages a second in the last minute, or since the first page if that is less. */
const rateOf = ({ endedSince, firstAtMillis }: JobView.Work, nowMillis: number): number => {
  const since = Math.max(firstAtMillis ?? nowMillis, nowMillis - rateMillis)
  return (endedSince * 1000) / Math.max(1000, nowMillis - since)
}

const toJson = (found: Found, hostsMax: number) => {
  const { condition, counts, holder, lengths, nowMillis, output, work } = found
  const time = (millis: number | undefined) =>
    millis === undefined ? null : new Date(millis).toISOString()
  return {
    job: found.directory,
    condition,
    pid: holder?.pid ?? null,
    at: time(nowMillis),
    ...counts,
    differences: found.differences,
    pagesPerSecond: rateOf(work, nowMillis),
    firstPageAt: time(work.firstAtMillis),
    lastPageAt: time(work.lastAtMillis),
    traps: found.traps,
    output: output ?? null,
    archive: found.archive ?? null,
    committed: lengths ?? {},
    command: found.command ?? null,
    hosts: work.hosts.slice(0, hostsMax).map(({ delayMillis, ...host }) => ({
      ...host,
      delaySeconds: delayMillis === undefined ? null : delayMillis / 1000
    })),
    hostsInAll: work.hosts.length
  }
}

export const statusCommand = Command.make("status", parameters, status).pipe(
  Command.withDescription(
    "Tells how a crawl stands, as its last commit has it: whether it runs, was stopped or was killed," +
      " what is done, why pages failed, and what holds its hosts up. It takes no lock, and changes nothing.\n\n" +
      "Exit codes: 0, 2 wrong usage, 3 there is no job, or none that can be read, 8 its account is not that of its URLs."
  ),
  Command.withShortDescription("Tells how a crawl stands")
)
