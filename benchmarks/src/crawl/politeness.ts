/** Several hosts at once, each of which is asked once a second at the most. */
import { rmSync } from "node:fs"
import type { Body, Workload } from "../workload.ts"
import { type Crawler, crawlee, rowsOf, scraper, scrapy } from "./crawlers.ts"
import * as Program from "./program.ts"
import { inspect, problemOf } from "./rows.ts"
import { makeFolder } from "./scratch.ts"
import { withServer } from "./server.ts"

const timeLimitSeconds = 110
const delaySeconds = 1
const hosts = [1, 2, 3, 4, 5].map((host) => `127.0.0.${host}`)
const site = { bytesPerPage: 6_000, latencyMillis: 0, hosts }

/** The pauses are those that the server has seen, between two pages of one host. */
const polite =
  (crawler: Crawler): Body =>
  (pages, meter) =>
    withServer({ ...site, pages }, async ({ origins, stats }) => {
      const folder = makeFolder()
      try {
        const command = crawler.command({ origins, folder, delaySeconds })
        meter.begin()
        const { complaint, exitCode } = await Program.start(command, timeLimitSeconds).ended
        meter.end()
        if (exitCode !== 0) throw new Error(`exit ${exitCode}: ${complaint}`)
        const problem = problemOf(inspect(rowsOf(folder), origins, pages))
        if (problem !== undefined) throw new Error(problem)
        const pauses = Object.values((await stats()).hosts).map((host) => host.pauseMinMillis)
        meter.fact("shortest pause, ms", Math.min(...pauses))
        return pages
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

const politeness: Workload = {
  name: "politeness",
  work: `Crawls ${hosts.length} hosts of n pages each with a delay of one second for each host. The best possible time is n - 1 seconds.`,
  module: import.meta.url,
  measure: "race",
  warmUp: { size: 2, seconds: 0 },
  operationsMin: 1,
  sizes: [20],
  baseline: "scraper",
  isOptional: true,
  contenders: {
    scraper: { run: polite(scraper(false)), missing: Program.missing },
    Scrapy: { run: polite(scrapy(false)), missing: scrapy(false).missing },
    Crawlee: {
      run: polite(crawlee(false)),
      missing: crawlee(false).missing,
      note: "`sameDomainDelaySecs: 1`."
    }
  }
}

export const workloads: ReadonlyArray<Workload> = [politeness]
