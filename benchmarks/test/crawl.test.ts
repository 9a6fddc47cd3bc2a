import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { workloads as crash } from "../src/crawl/crash.ts"
import { peakBetween, secondsAfter, speedBetween } from "../src/crawl/frontier.ts"
import { missing } from "../src/crawl/program.ts"
import { inspect, problemOf } from "../src/crawl/rows.ts"
import { withServer } from "../src/crawl/server.ts"
import { htmlOf, rowOf } from "../src/crawl/site.ts"
import { workloads as speed } from "../src/crawl/speed.ts"
import { makeMeter } from "../src/meter.ts"
import type { Meter, Workload } from "../src/workload.ts"

const origin = "http://127.0.0.1:1"

const inspected = (lines: ReadonlyArray<string>, pages: number) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"))
  try {
    const path = join(folder, "rows")
    writeFileSync(path, lines.map((line) => `${line}\n`).join(""))
    return inspect(path, [origin], pages)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("rows", () => {
  const lines = [0, 1, 2].map((page) => JSON.stringify(rowOf(origin, page)))
  it("all rows, once and in any order, are no problem", () => {
    const findings = inspected(lines.toReversed(), 3)
    assert.deepStrictEqual([findings.right, problemOf(findings)], [3, undefined])
  })
  it("rows that are lost, doubled, wrong or torn are counted", () => {
    const [first, second] = lines
    const wrong = JSON.stringify({ ...rowOf(origin, 2), price: "0" })
    const findings = inspected([first!, first!, wrong, second!.slice(0, 20)], 4)
    assert.strictEqual(problemOf(findings), "rows: 2 lost, 1 doubled, 1 wrong, 1 foreign")
  })
  it("no file has no rows", () => {
    assert.strictEqual(inspect("/nowhere/rows", [origin], 3).lost, 3)
  })
})

describe("site", () => {
  it("every page is linked to, and has the size that was asked for", () => {
    const site = { pages: 100, bytesPerPage: 6_000, latencyMillis: 0 }
    const pages = Array.from({ length: 100 }, (_, page) => htmlOf(site, page))
    const linked = new Set(pages.flatMap((html) => html.match(/(?<=href="\/a\/)\d+/g)))
    assert.strictEqual(linked.size, 100)
    for (const { length } of pages) assert.isTrue(length >= 6_000 && length < 6_500, `${length}`)
  })
  it("the server counts what it is asked for, each host apart", () =>
    withServer(
      { pages: 3, bytesPerPage: 1_000, latencyMillis: 0, hosts: ["127.0.0.1", "127.0.0.2"] },
      async ({ awaitPages, origins, stats }) => {
        const reached = awaitPages(3)
        const statuses: Array<number> = []
        for (const path of ["/a/0", "/a/0", "/a/3", "/robots.txt", "/private/0"]) {
          statuses.push((await fetch(origins[0] + path)).status)
        }
        await fetch(`${origins[1]}/a/0`)
        await reached
        assert.deepStrictEqual(statuses, [200, 200, 404, 200, 404])
        const { hosts, ...counts } = await stats()
        assert.deepStrictEqual(counts, {
          requests: 6,
          robots: 1,
          forbidden: 1,
          pages: 3,
          distinct: 2
        })
        assert.deepStrictEqual(
          Object.entries(hosts).map(([host, { pages }]) => [host, pages]),
          [
            ["127.0.0.1", 2],
            ["127.0.0.2", 1]
          ]
        )
      }
    ))
})

describe("frontier", () => {
  const readings = [0, 100, 200, 250, 300].map((pages, index) => ({
    seconds: index,
    pages,
    residentBytes: 1000 - pages
  }))
  it("speed and memory are those of a part of the pages", () => {
    assert.strictEqual(speedBetween(readings, 400, 0, 0.5), 100)
    assert.strictEqual(speedBetween(readings, 400, 0.5, 1), 50)
    assert.strictEqual(peakBetween(readings, 400, 0.5, 1), 800)
  })
  it("what comes after the last page is no time of pages", () => {
    const tail = [5, 6, 7].map((seconds) => ({ seconds, pages: 400, residentBytes: 0 }))
    assert.strictEqual(speedBetween([...readings, ...tail], 400, 0.5, 1), 200 / 3)
    assert.strictEqual(secondsAfter([...readings, ...tail], 400), 2)
    assert.strictEqual(secondsAfter(readings, 400), 0)
  })
  it("where nothing was read there is no speed, which meets no goal", () => {
    assert.isNaN(speedBetween(readings, 400, 0.9, 1))
  })
})

// The peers need seconds each, and are not everywhere: `npm run bench -- crawl --quick` runs them.
describe.skipIf(missing() !== undefined)("scraper", () => {
  const scraper = (workload: Workload | undefined, pages: number, meter: Meter) => {
    const run = workload?.contenders["scraper"]?.run
    return typeof run === "function" ? run(pages, meter) : assert.fail("it does not run on Node")
  }
  it.each(speed.slice(0, 2))("it crawls the whole site: $name", async (workload) => {
    const meter = makeMeter("program")
    assert.strictEqual(await scraper(workload, 30, meter), 30)
    const { cpuSeconds, facts, peakBytes } = meter.seen()
    assert.deepStrictEqual(facts, { "requests seen": 31 })
    assert.isAbove(cpuSeconds, 0)
    assert.isAbove(peakBytes, 2 ** 20)
  })
  it("killed in the middle, it loses and doubles nothing", async () => {
    const meter = makeMeter("race")
    assert.strictEqual(await scraper(crash[0], 200, meter), 200)
    const { facts } = meter.seen()
    assert.deepInclude(facts, {
      "rows lost": 0,
      "rows doubled": 0,
      "lines torn or wrong": 0,
      "exit code": 0
    })
    assert.isBelow(facts!["pages fetched again"]!, 150)
  })
})
