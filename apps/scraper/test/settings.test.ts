import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parameters as crawl } from "../src/CrawlFlags.ts"
import { parameters as fetch } from "../src/FetchCommand.ts"
import * as Settings from "../src/Settings.ts"
import { runShell, serve, temporaryDirectory } from "./support/program.ts"

/** What becomes of a command line, in an environment and with a file. */
const added = Effect.fnUntraced(function* (
  args: ReadonlyArray<string>,
  environment: Record<string, string>,
  file = ""
) {
  const path = join(yield* temporaryDirectory, "scrape.toml")
  writeFileSync(path, file)
  const config = file === "" ? [] : ["--config", path]
  const all = yield* Settings.addTo({ crawl, fetch }, [...args, ...config], environment)
  return all.filter((arg) => !config.includes(arg))
}, Effect.provide(NodeServices.layer))

describe.concurrent("scraper, settings", () => {
  it.live.each([
    ["crawl u -o f", { SCRAPE_MAX_PAGES: "5" }, "", "crawl --max-pages=5 u -o f"],
    ["crawl u --max-pages 7", { SCRAPE_MAX_PAGES: "5" }, "", "crawl u --max-pages 7"],
    ["crawl u --max-pages=7", { SCRAPE_MAX_PAGES: "5" }, "", "crawl u --max-pages=7"],
    [
      "crawl u -- --max-pages",
      { SCRAPE_MAX_PAGES: "5" },
      "",
      "crawl --max-pages=5 u -- --max-pages"
    ],
    ["crawl u -O f", { SCRAPE_OUTPUT: "g" }, "", "crawl u -O f"],
    ["crawl u", { SCRAPE_OUTPUT: "g" }, "", "crawl --output=g u"],
    ["crawl u", { SCRAPE_JSON: "true", SCRAPE_REVISIT: "0" }, "", "crawl --json u"],
    ["crawl u --no-json", { SCRAPE_JSON: "1" }, "", "crawl u --no-json"],
    ["crawl u", { SCRAPE_INCLUDE: "a\nb" }, "", "crawl --include=a --include=b u"],
    ["crawl u", { SCRAPE_PROXY: "" }, "", "crawl u"],
    ["fetch u", { SCRAPE_MAX_PAGES: "5", SCRAPE_TIMEOUT: "9s" }, "", "fetch --timeout=9s u"],
    ["--log-level crawl crawl u", { SCRAPE_JSON: "1" }, "", "--log-level crawl crawl --json u"],
    ["status crawl", { SCRAPE_JSON: "1", SCRAPE_NOPE: "" }, "", "status crawl"],
    [
      "crawl u",
      {},
      'delay = 1\nexclude = ["a", "b"]\njson = true',
      "crawl --delay=1 --exclude=a --exclude=b --json u"
    ],
    [
      "crawl u --depth 1",
      { SCRAPE_DELAY: "2" },
      "delay = 1\ndepth = 9",
      "crawl --delay=2 u --depth 1"
    ]
  ] as const)("SCR77: %s with %j and %j", ([line, environment, file, expected]) =>
    Effect.gen(function* () {
      const args = yield* added(line.split(" "), environment, file)
      // In what order flags are added is of no matter.
      assert.deepStrictEqual(args.toSorted(), expected.split(" ").toSorted())
      assert.deepStrictEqual(args.at(-1), expected.split(" ").at(-1))
    })
  )

  it.live.each([
    [{ SCRAPE_MAXPAGES: "5" }, "", "SCRAPE_MAXPAGES is the name of no flag (--maxpages)"],
    [{ SCRAPE_JSON: "maybe" }, "", "SCRAPE_JSON is neither true nor false"],
    [{ SCRAPE_DEPTH: "1\n2" }, "", "SCRAPE_DEPTH has more than one value"],
    [{}, "dept = 1", /^dept in .*scrape.toml is the name of no flag of crawl$/],
    [{}, "[depth]\nx = 1", /^depth in .*scrape.toml is neither a text, nor a number/],
    [{}, "a = 1\ndepth = ", /scrape.toml: .* at line 2/],
    [{ SCRAPE_CONFIG: "/nowhere.toml" }, "", /^cannot read the settings in \/nowhere.toml/]
  ] as const)("SCR77: %j and %j are refused with one line", ([environment, file, reason]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(added(["crawl", "u"], environment, file))
      assert.strictEqual(error.exitCode, "SCRAPE_CONFIG" in environment ? 3 : 2)
      if (typeof reason === "string") assert.strictEqual(error.reason, reason)
      else assert.match(error.reason, reason)
      assert.notInclude(error.reason, "\n")
    })
  )

  it.live("SCR77: the program has the flags of its environment, and so has resume", () =>
    Effect.gen(function* () {
      const links = Array.from({ length: 9 }, (_, index) => `<a href="/${index}">`).join("")
      const origin = yield* serve((request, response) =>
        response.end(request.url === "/robots.txt" ? "" : links)
      )
      const out = join(yield* temporaryDirectory, "out.jsonl")
      const ended = yield* runShell(
        `export SCRAPE_ALLOW_PRIVATE=1; SCRAPE_MAX_PAGES=2 program crawl ${origin} -o ${out};` +
          ` SCRAPE_MAX_PAGES=4 program resume ${out}`
      )
      assert.include(ended.stderr, "2 rows in")
      assert.include(ended.stderr, "4 rows in")
      assert.strictEqual(ended.code, 9)
    })
  )
})
