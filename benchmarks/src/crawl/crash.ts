/** A crawl that is killed in the middle, and started again with the same command. */
import { rmSync } from "node:fs"
import type { Body, Workload } from "../workload.ts"
import { type Crawler, crawlee, rowsOf, scraper, scrapy } from "./crawlers.ts"
import * as Program from "./program.ts"
import { inspect } from "./rows.ts"
import { makeFolder } from "./scratch.ts"
import { withServer } from "./server.ts"

/** Crawlee waits for its locks on requests, which takes minutes. */
const timeLimitSeconds = 560

/** Slow enough that requests are on their way at any moment. */
const site = { bytesPerPage: 6_000, latencyMillis: 20 }

/**
 * What is lost or doubled is counted and no failure: it is the result. The time is that of the second
 * life.
 */
const killed =
  (crawler: Crawler): Body =>
  (pages, meter) =>
    withServer({ ...site, pages }, async ({ awaitPages, origins, stats }) => {
      const folder = makeFolder()
      try {
        const command = crawler.command({ origins, folder, delaySeconds: 0 })
        const first = Program.start(command, timeLimitSeconds)
        await Promise.race([awaitPages(Math.ceil(pages / 2)), first.ended])
        first.kill()
        const { exitCode } = await first.ended
        if (exitCode !== null) throw new Error(`it was to be killed, and ended with ${exitCode}`)

        meter.begin()
        const second = await Program.start(command, timeLimitSeconds).ended
        meter.end()
        const { doubled, foreign, lost, wrong } = inspect(rowsOf(folder), origins, pages)
        const seen = await stats()
        meter.fact("rows lost", lost)
        meter.fact("rows doubled", doubled)
        meter.fact("lines torn or wrong", wrong + foreign)
        meter.fact("pages fetched again", seen.pages - seen.distinct)
        meter.fact("exit code", second.exitCode ?? -1)
        return pages
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

const crash: Workload = {
  name: "crash",
  work: "Crawls a site of n pages of 6 kB, each after 20 ms; is killed with SIGKILL when half of them were asked for, and started again. The time is that from the second start to the end.",
  module: import.meta.url,
  measure: "race",
  warmUp: { size: 20, seconds: 0 },
  operationsMin: 1,
  sizes: [1_000],
  baseline: "scraper",
  isOptional: true,
  timeLimitSeconds: 2 * timeLimitSeconds,
  contenders: {
    scraper: { run: killed(scraper(true)), missing: Program.missing },
    Scrapy: {
      run: killed(scrapy(true)),
      missing: scrapy(true).missing,
      note: "`JOBDIR`; exit code 0 whatever is missing."
    },
    Crawlee: {
      run: killed(crawlee(true)),
      missing: crawlee(true).missing,
      runsMax: 1,
      note: "`purgeOnStart: false`; one run only: it waits until the locks of the killed process expire."
    }
  }
}

export const workloads: ReadonlyArray<Workload> = [crash]
