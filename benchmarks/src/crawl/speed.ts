/** Whole crawls of one site, from the start of the program to its end. */
import { rmSync } from "node:fs"
import type { Body, Contender, Workload } from "../workload.ts"
import { aiohttp, type Crawler, crawlee, rowsOf, scraper, scrapy } from "./crawlers.ts"
import * as Program from "./program.ts"
import { inspect, problemOf } from "./rows.ts"
import { makeFolder } from "./scratch.ts"
import { withServer } from "./server.ts"
import type { Site } from "./site.ts"

const timeLimitSeconds = 110

/** Rows that are not those of the site make the time worthless: then there is none. */
const crawl =
  (crawler: Crawler, site: Omit<Site, "pages">): Body =>
  (pages, meter) =>
    withServer({ ...site, pages }, async ({ origins, stats }) => {
      const folder = makeFolder()
      try {
        const command = crawler.command({ origins, folder, delaySeconds: 0 })
        meter.begin()
        const ended = await Program.measure(command, timeLimitSeconds)
        meter.end()
        if (ended.exitCode !== 0) throw new Error(`exit ${ended.exitCode}: ${ended.complaint}`)
        const findings = inspect(rowsOf(folder), origins, pages)
        const { forbidden, requests } = await stats()
        const problem = problemOf(findings)
        if (problem !== undefined) throw new Error(problem)
        if (forbidden > 0) throw new Error(`${forbidden} requests for what robots.txt forbids`)
        meter.used(ended)
        meter.fact("requests seen", requests)
        return findings.right
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

const sites = [
  {
    suffix: ", quick server",
    work: "pages of 6 kB, from a server without latency",
    sizes: [2_000],
    site: { bytesPerPage: 6_000, latencyMillis: 0 }
  },
  {
    suffix: ", slow server",
    work: "pages of 6 kB, each after 50 ms: 16 connections can get 320 a second",
    sizes: [2_000],
    site: { bytesPerPage: 6_000, latencyMillis: 50 }
  },
  {
    suffix: ", large pages",
    work: "pages of 100 kB, from a server without latency",
    sizes: [500],
    site: { bytesPerPage: 100_000, latencyMillis: 0 }
  }
] as const

const kinds = [
  {
    name: "durable",
    promise: "What was crawled and written survives the loss of power, as far as each can.",
    crawlers: { scraper: scraper(true), Scrapy: scrapy(true), Crawlee: crawlee(true) }
  },
  {
    name: "volatile",
    promise: "A crash may lose all.",
    crawlers: {
      scraper: scraper(false),
      Scrapy: scrapy(false),
      Crawlee: crawlee(false),
      "aiohttp + lxml": aiohttp
    }
  }
] as const

const contender = (crawler: Crawler, site: Omit<Site, "pages">): Contender => ({
  run: crawl(crawler, site),
  missing: crawler.missing,
  ...(crawler.note === undefined ? {} : { note: crawler.note })
})

export const workloads: ReadonlyArray<Workload> = sites.flatMap(({ site, sizes, suffix, work }) =>
  kinds.map(({ crawlers, name, promise }) => ({
    name: `${name}${suffix}`,
    work: `Crawls a site of n ${work}, and writes url, title and price of each to a JSON Lines file. ${promise}`,
    module: import.meta.url,
    measure: "program" as const,
    // Once, so that files are in memory.
    warmUp: { size: 20, seconds: 0 },
    operationsMin: 1,
    sizes,
    baseline: "scraper",
    contenders: Object.fromEntries(
      Object.entries(crawlers).map(([name, crawler]) => [name, contender(crawler, site)])
    )
  }))
)
