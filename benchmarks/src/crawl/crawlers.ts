/** The crawlers that are compared: how each is told to do the same work. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { findPythons, pythonWith, type PythonPackage } from "../python.ts"
import type { Runtimes } from "../workload.ts"
import { scraperBin } from "./installed.ts"
import * as Program from "./program.ts"
import { startPath } from "./site.ts"

/** What one crawl has to do. */
export interface Task {
  readonly origins: ReadonlyArray<string>
  /** Where it keeps its state and its rows. A second crawl in the same folder goes on. */
  readonly folder: string
  readonly delaySeconds: number
}

export interface Crawler {
  readonly command: (task: Task) => Program.Command
  readonly missing: (runtimes: Runtimes) => string | undefined
  readonly note?: string
}

const connections = 16
const retries = 2

export const rowsOf = (folder: string): string => join(folder, "rows.jsonl")

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const seedsOf = ({ origins }: Task) => origins.map((origin) => origin + startPath)

/** `--name value` for each of them. */
const flags = (values: Readonly<Record<string, string | number>>): ReadonlyArray<string> =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, `${value}`])

export const scraper = (durable: boolean): Crawler => ({
  command: (task) => ({
    file: scraperBin(),
    // Its first line names its Node, and how that is started.
    env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
    args: [
      "crawl",
      ...seedsOf(task),
      "--allow-private",
      ...flags({
        output: rowsOf(task.folder),
        job: durable ? join(task.folder, "job") : "none",
        fsync: durable ? "batch" : "none",
        select: "price=.price",
        concurrency: connections,
        "per-host": connections,
        depth: 1_000_000,
        delay: `${task.delaySeconds}s`,
        jitter: 0,
        retries
      })
    ]
  }),
  missing: Program.missing,
  note: durable
    ? "as `npm run build` makes it; rows, links and the state of hosts in one commit of 64 pages or 100 ms, with fsync."
    : "as `npm run build` makes it; no job: the frontier is in memory."
})

/** `-s NAME=VALUE` for each of them. */
const settings = (values: Readonly<Record<string, string | number>>): ReadonlyArray<string> =>
  Object.entries(values).flatMap(([name, value]) => ["-s", `${name}=${value}`])

export const scrapy = (durable: boolean): Crawler => {
  const needs: ReadonlyArray<PythonPackage> = ["scrapy"]
  return {
    command: (task) => ({
      file: pythonWith(findPythons(), needs)!.executable,
      args: [
        "-B",
        "-m",
        "scrapy",
        "runspider",
        at("python/shop_spider.py"),
        "-a",
        `seeds=${seedsOf(task).join(",")}`,
        "-o",
        `${rowsOf(task.folder)}:jsonlines`,
        ...settings({
          CONCURRENT_REQUESTS: connections,
          CONCURRENT_REQUESTS_PER_DOMAIN: connections,
          DOWNLOAD_DELAY: task.delaySeconds,
          RETRY_TIMES: retries
        }),
        ...(durable ? settings({ JOBDIR: join(task.folder, "job") }) : [])
      ]
    }),
    missing: ({ pythons }) =>
      Program.missing() ?? (pythonWith(pythons, needs) === undefined ? "scrapy" : undefined),
    note: durable
      ? "`JOBDIR`, which its documentation makes for clean stops only. 2.8 is of 2023; 2.18 is the newest one."
      : "queue and duplicate filter in memory. 2.8 is of 2023; 2.18 is the newest one."
  }
}

const crawleeFolder = at("../../peers/crawlee")

export const crawlee = (durable: boolean): Crawler => ({
  command: (task) => ({
    file: process.execPath,
    args: [
      join(crawleeFolder, "crawl.mjs"),
      JSON.stringify({
        seeds: seedsOf(task),
        rowsPath: rowsOf(task.folder),
        durable,
        connections,
        retries,
        delaySeconds: task.delaySeconds
      })
    ],
    cwd: crawleeFolder,
    env: { CRAWLEE_STORAGE_DIR: join(task.folder, "storage") }
  }),
  missing: () =>
    Program.missing() ??
    (existsSync(join(crawleeFolder, "node_modules/@crawlee/cheerio"))
      ? undefined
      : "Crawlee (npm ci --prefix benchmarks/peers/crawlee)"),
  note: durable
    ? "3.18.1, `CheerioCrawler`, storage on disk: two small files for each page. Starts at its full concurrency."
    : "3.18.1, `CheerioCrawler`, `persistStorage: false`. Starts at its full concurrency."
})

export const aiohttp: Crawler = {
  command: (task) => ({
    file: pythonWith(findPythons(), aiohttpNeeds)!.executable,
    args: [
      "-B",
      at("python/aiohttp_crawl.py"),
      JSON.stringify({
        seeds: seedsOf(task),
        rowsPath: rowsOf(task.folder),
        connections,
        retries
      })
    ]
  }),
  missing: ({ pythons }) =>
    Program.missing() ??
    (pythonWith(pythons, aiohttpNeeds) === undefined ? aiohttpNeeds.join(", ") : undefined),
  note: "100 lines by hand: workers on an `asyncio.Queue`, robots.txt, retries, a set of URLs, a lock around each write: without it rows were torn in one of five runs."
}

const aiohttpNeeds: ReadonlyArray<PythonPackage> = ["aiohttp", "aiofiles", "lxml"]
