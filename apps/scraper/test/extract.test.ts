import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { extractCommand } from "../src/ExtractCommand.ts"
import { runHere } from "./support/here.ts"
import { run, runShell, temporaryDirectory } from "./support/program.ts"

const schema = fileURLToPath(new URL("support/schema.ts", import.meta.url))

const page = "<li><b>Tea</b><i>4.50</i></li><li><b>Milk</b><i>free</i></li><li><i>1</i></li>"
const fields = ["--select", "name=b", "--select", "price=i"]

const files = Effect.gen(function* () {
  const directory = yield* temporaryDirectory
  const at = (name: string, content: string | Uint8Array) => {
    const path = join(directory, name)
    writeFileSync(path, content)
    return path
  }
  const list = at("list.html", page)
  const russian = Buffer.concat([
    Buffer.from("<meta charset=windows-1251><b>"),
    Buffer.from([0xcf, 0xf0]),
    Buffer.from("</b>")
  ])
  return { directory, list, russian: at("ru.html", russian) }
})

const rowsIn = (stdout: string) =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

describe("scraper extract", () => {
  it.live("SCR60: a row for each file, and with --each for each element", () =>
    Effect.gen(function* () {
      const { list, russian } = yield* files
      const ended = yield* run("extract", list, russian, ...fields)
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.deepStrictEqual(rowsIn(ended.stdout), [
        { file: list, name: "Tea", price: "4.50" },
        { file: russian, name: "Пр", price: null }
      ])
      assert.strictEqual(ended.stderr, "2 rows of 2 files | rejected 0 | failed 0\n")
      const each = yield* runShell(
        `program extract - --each li --select name=b --select 'all[]=i' < '${list}'`
      )
      assert.deepStrictEqual(rowsIn(each.stdout), [
        { file: "-", name: "Tea", all: ["4.50"] },
        { file: "-", name: "Milk", all: ["free"] },
        { file: "-", name: null, all: ["1"] }
      ])
    })
  )

  it.live("SCR61: a schema gives types, and rejects what does not fit", () =>
    Effect.gen(function* () {
      const { directory, list } = yield* files
      const args = ["extract", list, "--each", "li", ...fields, "--schema", schema]
      const shown = yield* run(...args)
      assert.strictEqual(shown.code, 8)
      assert.deepStrictEqual(rowsIn(shown.stdout), [{ file: list, name: "Tea", price: 4.5 }])
      const told = shown.stderr.trimEnd().split("\n")
      assert.match(told[0]!, /^rejected: .*list\.html: .*\["price"\]/)
      assert.match(told[1]!, /^rejected: .*list\.html: .*\["name"\]/)
      assert.strictEqual(told.at(-1), "scraper: 2 of 3 rows rejected")
      const rejects = join(directory, "rejects.jsonl")
      const kept = yield* run(...args, "--rejects", rejects)
      assert.strictEqual(kept.code, 8)
      assert.notInclude(kept.stderr, "rejected:")
      const found = rowsIn(readFileSync(rejects, "utf8"))
      assert.deepStrictEqual(
        found.map(({ fields, file }) => [file, fields]),
        [
          [list, { name: "Milk", price: "free" }],
          [list, { name: null, price: "1" }]
        ]
      )
    })
  )

  it.live("SCR62: a file that cannot be read does not hold up the others", () =>
    Effect.gen(function* () {
      const { directory, list, russian } = yield* files
      const missing = join(directory, "none.html")
      const args = [missing, directory, russian, list, "--max-file", "64"]
      const ended = yield* run("extract", ...args, ...fields)
      assert.strictEqual(ended.code, 3)
      assert.deepStrictEqual(rowsIn(ended.stdout), [{ file: russian, name: "Пр", price: null }])
      const told = ended.stderr.trimEnd().split("\n")
      assert.include(told[0], missing)
      assert.include(told[1], `cannot read ${directory}: `)
      assert.strictEqual(told[2], `failed: ${list} is larger than 64 bytes (--max-file)`)
      assert.strictEqual(told.at(-1), "scraper: 3 of 4 files could not be read")
    })
  )

  it.live.each([
    [["x.html"], 2, "Missing required flag: --select"],
    [["x.html", "--select", "a"], 2, "is not a selector"],
    [["x.html", "--select", "file=a"], 2, "every row has that already"],
    [["x.html", "--select", "a=b", "--each", "li@id"], 2, "is no CSS selector"],
    [["x.html", "--select", "a=b", "--each", "li["], 2, "is no CSS selector"],
    [["-", "-", "--select", "a=b"], 2, "only once"],
    [["x.html", "--select", "a=b", "--schema", "/nowhere.ts"], 3, "cannot use the schema"],
    [["x.html", "--select", "a=b", "--rejects", "/nowhere/r"], 3, "/nowhere"]
  ] as const)("SCR63: extract %j exits %d", ([args, code, reason]) =>
    Effect.gen(function* () {
      const ended = yield* runHere(extractCommand, ...args)
      assert.strictEqual(ended.code, code, ended.reason)
      assert.notInclude(ended.reason, "\n")
      assert.include(ended.reason, reason)
    })
  )
})

describe("scraper bench", () => {
  it.live("SCR64: all pages become rows, and nothing is left on the disk", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const ended = yield* run("bench", directory, "--pages", "300", "--json")
      assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
      const found = JSON.parse(ended.stdout)
      assert.deepStrictEqual([found.pages, found.rows, found.requests], [300, 300, 301])
      for (const name of ["pagesPerSecond", "cpuSeconds", "siteCpuSeconds", "peakBytes"]) {
        assert.isAbove(found[name], 0, name)
      }
      assert.deepStrictEqual(readdirSync(directory), [])
      const nowhere = yield* run("bench", "/nowhere", "--pages", "3")
      assert.strictEqual(nowhere.code, 3)
      assert.strictEqual(nowhere.stderr.trimEnd().split("\n").length, 1, nowhere.stderr)
      const text = yield* run("bench", directory, "--pages", "3")
      assert.match(
        text.stdout,
        /^3 pages of 5\.9 KiB .*\n\d+ pages\/s .*\nCPU .* peak memory .*\n3 rows, /
      )
    })
  )
})

describe("scraper --help", () => {
  it.live.each([
    ["status", "(default: 10)"],
    ["export", "(default: rows)"],
    ["fetch", "(default: obey)"],
    ["robots", "(default: fibra-scraper)"],
    ["sitemap", "(default: 50MiB"],
    ["extract", "(default: 64MiB)"],
    ["bench", "(default: 2000)"]
  ] as const)("SCR65: %s states exit codes and defaults", ([command, text]) =>
    Effect.gen(function* () {
      const { code, stdout } = yield* run(command, "--help")
      assert.strictEqual(code, 0)
      assert.include(stdout, "Exit codes: 0")
      assert.include(stdout, text)
    })
  )
})
