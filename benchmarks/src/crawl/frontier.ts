/** A crawl that is large for one process: whether its memory and its speed stay as they are. */
import { readFileSync, rmSync } from "node:fs"
import type { Body, Workload } from "../workload.ts"
import { rowsOf, scraper } from "./crawlers.ts"
import * as Program from "./program.ts"
import { inspect, problemOf } from "./rows.ts"
import { makeFolder } from "./scratch.ts"
import { type Server, withServer } from "./server.ts"

const timeLimitSeconds = 900
const site = { bytesPerPage: 2_000, latencyMillis: 0 }

export interface Reading {
  readonly seconds: number
  readonly pages: number
  readonly residentBytes: number
}

const residentBytes = (pid: number): number => {
  const [, kilobytes] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return Number(kilobytes) * 1024
}

/** One reading a second, until the program ends. */
const watch = async ({ ended, pid }: Program.Running, { stats }: Server) => {
  const readings: Array<Reading> = []
  const startMillis = performance.now()
  const second = (): Promise<"second"> =>
    new Promise((resume) => setTimeout(() => resume("second"), 1000))
  while ((await Promise.race([ended, second()])) === "second") {
    const { pages } = await stats()
    const seconds = (performance.now() - startMillis) / 1000
    readings.push({ seconds, pages, residentBytes: residentBytes(pid) })
  }
  return readings
}

/** The first reading at which this share of all pages had been asked for. */
const readingAt = (readings: ReadonlyArray<Reading>, pages: number, share: number) =>
  readings.find((reading) => reading.pages >= share * pages)

/** Pages a second between two shares of all pages. */
export const speedBetween = (
  readings: ReadonlyArray<Reading>,
  pages: number,
  from: number,
  to: number
): number => {
  const first = readingAt(readings, pages, from)
  // The program may end before it is seen that all of them were.
  const last = readingAt(readings, pages, to) ?? readings.at(-1)
  if (first === undefined || last === undefined || first === last) return Number.NaN
  return (last.pages - first.pages) / (last.seconds - first.seconds)
}

/** How long it goes on when all pages have been asked for. */
export const secondsAfter = (readings: ReadonlyArray<Reading>, pages: number): number => {
  const last = readings.at(-1)!
  return last.seconds - (readingAt(readings, pages, 1) ?? last).seconds
}

/** The highest resident size between two shares of all pages. */
export const peakBetween = (
  readings: ReadonlyArray<Reading>,
  pages: number,
  from: number,
  to: number
): number =>
  Math.max(
    ...readings
      .filter((reading) => reading.pages >= from * pages && reading.pages <= to * pages)
      .map((reading) => reading.residentBytes)
  )

const large: Body = (pages, meter) =>
  withServer({ ...site, pages }, async (server) => {
    const folder = makeFolder()
    try {
      const command = scraper(true).command({ origins: server.origins, folder, delaySeconds: 0 })
      meter.begin()
      const running = Program.start(command, timeLimitSeconds)
      const readings = await watch(running, server)
      const { complaint, exitCode } = await running.ended
      meter.end()
      if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${complaint}`)
      const findings = inspect(rowsOf(folder), server.origins, pages)
      const problem = problemOf(findings)
      if (problem !== undefined) throw new Error(problem)
      const start = speedBetween(readings, pages, 0.05, 0.25)
      const end = speedBetween(readings, pages, 0.8, 1)
      meter.fact("pages/s at the start", start)
      meter.fact("pages/s at the end", end)
      meter.fact("end ÷ start", end / start)
      meter.fact("s after the last page", secondsAfter(readings, pages))
      meter.fact("peak memory, MiB", peakBetween(readings, pages, 0, 1) / 2 ** 20)
      meter.fact(
        "peak after a quarter ÷ before",
        peakBetween(readings, pages, 0.25, 1) / peakBetween(readings, pages, 0, 0.25)
      )
      return findings.right
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

const frontier: Workload = {
  name: "frontier",
  work: "A durable crawl of n pages of 2 kB. Its speed at the end is that of the last fifth, its speed at the start that of the second twentieth to the first quarter.",
  module: import.meta.url,
  measure: "race",
  warmUp: { size: 20, seconds: 0 },
  operationsMin: 1,
  sizes: [200_000],
  baseline: "scraper",
  isOptional: true,
  timeLimitSeconds: timeLimitSeconds + 60,
  contenders: { scraper: { run: large, missing: Program.missing } }
}

export const workloads: ReadonlyArray<Workload> = [frontier]
