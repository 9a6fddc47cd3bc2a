/** `scraper bench`: crawls a site of its own on 127.0.0.1, to tell what this machine can do. */
import * as Flags from "@fibra/cli/Flags"
import * as Program from "@fibra/cli/Program"
import { CanonicalUrl, Crawl, Extract, Job } from "@fibra/crawl"
import * as FileSink from "@fibra/files/FileSink"
import * as Format from "@fibra/files/Format"
import * as Fetcher from "@fibra/http/Fetcher"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { Worker } from "node:worker_threads"
import type { Size, Told } from "./BenchSite.ts"
import { size } from "./Numbers.ts"
import * as PageFlags from "./PageFlags.ts"
import * as Screen from "./Screen.ts"

const parameters = {
  directory: Argument.String("dir").pipe(
    Argument.withMetavar("DIR"),
    Argument.withDescription("On which disk to write; what is written is removed (default: .)"),
    Argument.withDefault(".")
  ),
  pages: Flags.described(Flags.between("pages", 1, 1_000_000), "Pages of the site", 2000),
  pageBytes: Flags.described(Flags.between("page-bytes", 1, 1_000_000), "Bytes of each", 6000),
  concurrency: Flags.described(Flags.between("concurrency", 1, 1000), "Requests at a time", 16),
  json: PageFlags.json
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const bench = Effect.fnUntraced(function* (flags: Parsed) {
  const measured = yield* Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped({
      directory: flags.directory,
      prefix: "scraper-bench-"
    })
    return yield* measure(directory, flags)
  }).pipe(
    Effect.scoped,
    Effect.provide(Fetcher.layerNode({ allowPrivate: true })),
    Effect.catchTags({
      PlatformError: refuse,
      SinkFailed: refuse,
      JobFailed: refuse,
      TargetLocked: refuse
    })
  )
  const {
    bytesCommitted,
    cpuSeconds,
    fsync,
    pages,
    pagesPerSecond,
    peakBytes,
    rows,
    seconds,
    siteCpuSeconds
  } = measured
  if (flags.json) yield* Screen.printJson(measured)
  else {
    yield* Screen.printLine(
      `${pages} pages of ${size(flags.pageBytes)} from 127.0.0.1, ${flags.concurrency} at a time, fsync ${fsync}`
    )
    yield* Screen.printLine(`${pagesPerSecond} pages/s (${seconds} s)`)
    yield* Screen.printLine(
      `CPU ${cpuSeconds} s, and ${siteCpuSeconds} s of the site | peak memory ${size(peakBytes)}, the site included`
    )
    yield* Screen.printLine(`${rows} rows, ${size(bytesCommitted)} committed`)
  }
  if (rows !== flags.pages) {
    const reason = `${rows} rows came of ${flags.pages} pages: this is a bug`
    return yield* new Program.Stopped({ exitCode: 1, reason })
  }
})

const refuse = ({ message }: { readonly message: string }) =>
  Effect.fail(new Program.Stopped({ exitCode: 3, reason: message }))

/** A crawl as `scraper crawl` runs it: a job, rows in a file, and an fsync of both for each commit. */
const measure = Effect.fnUntraced(function* (directory: string, flags: Parsed) {
  const { concurrency, pageBytes, pages } = flags
  const site = yield* startSite({ pages, pageBytes })
  const job = yield* Job.open(`${directory}/job`)
  const path = `${directory}/rows.jsonl`
  const crawl = yield* Crawl.make({
    seeds: [Result.getOrThrow(CanonicalUrl.fromLink(site.origin))],
    selectors: [Result.getOrThrow(Extract.selector("price=.price"))],
    job,
    output: (commit) => FileSink.make({ path, format: Format.jsonl, commit, ...Crawl.batches }),
    concurrency,
    perHost: concurrency,
    delay: 0,
    depthMax: pages,
    // All pages are alike, and of one pattern.
    traps: false
  })
  const before = yield* site.usage
  const cpuBefore = process.cpuUsage()
  const start = process.hrtime.bigint()
  yield* crawl.run()
  const nanos = Number(process.hrtime.bigint() - start)
  const { system, user } = process.cpuUsage(cpuBefore)
  const after = yield* site.usage
  const counts = yield* crawl.snapshot
  const siteMicros = after.cpuMicros - before.cpuMicros
  const fs = yield* FileSystem.FileSystem
  return {
    pages: counts.done,
    requests: after.requests - before.requests,
    rows: counts.rows,
    fsync: "batch" as const,
    seconds: round(nanos / 1e9),
    pagesPerSecond: Math.round((counts.done * 1e9) / nanos),
    cpuSeconds: round((user + system - siteMicros) / 1e6),
    siteCpuSeconds: round(siteMicros / 1e6),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    bytesCommitted: Number((yield* fs.stat(path)).size)
  }
})

const round = (value: number) => Math.round(value * 100) / 100

const startSite = Effect.fnUntraced(function* (size: Size) {
  // Sources run as they are, and a published package has the file beside it under its built name.
  const file = new URL(
    `./BenchSite${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
    import.meta.url
  )
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(file, { workerData: size })),
    (worker) => Effect.promise(() => worker.terminate())
  )
  const told = Effect.callback<Told>((resume) => {
    worker.once("message", (message: Told) => resume(Effect.succeed(message)))
    worker.once("error", (cause) => resume(Effect.die(cause)))
  })
  const first = yield* told
  const origin = "origin" in first ? first.origin : ""
  const usage = Effect.suspend(() => {
    worker.postMessage("usage", [])
    return told
  }).pipe(Effect.map((answer) => ("requests" in answer ? answer : { requests: 0, cpuMicros: 0 })))
  return { origin, usage }
})

export const benchCommand = Command.make("bench", parameters, bench).pipe(
  Command.withDescription(
    "Serves a small site on 127.0.0.1 and crawls it as `crawl` does, durably, to tell what this machine" +
      " and this disk can do. A busy machine gives other numbers. It is no comparison: see the benchmarks" +
      " of the repository for that.\n\n" +
      "Exit codes: 0, 1 a page was lost (a bug), 2 wrong usage, 3 the disk refused."
  ),
  Command.withShortDescription("Tells how fast this machine crawls a small site of its own")
)
