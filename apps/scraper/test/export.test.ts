import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet"
import { exportCommand } from "../src/ExportCommand.ts"
import { runHere } from "./support/here.ts"
import { finishedJob, runningJob } from "./support/jobs.ts"
import { run, runShell, start, temporaryDirectory } from "./support/program.ts"

const jsonIn = (text: string) =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const inOrder = <Row extends { readonly url: string }>(rows: ReadonlyArray<Row>) =>
  rows.toSorted((a, b) => (a.url < b.url ? -1 : 1))

const parquetIn = (path: string) =>
  Effect.promise(async () => parquetReadObjects({ file: await asyncBufferFromFile(path) }))

const sqliteIn = (path: string, table: string): ReadonlyArray<Record<string, unknown>> => {
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = database.prepare(`SELECT * FROM ${table}`).all()
  assert.strictEqual(database.prepare("PRAGMA integrity_check").get()!["integrity_check"], "ok")
  database.close()
  return rows.map((row) => ({ ...row }))
}

/** Makes the output of a job so large that an export takes seconds, as if its crawl had committed that. */
const enlarge = (out: string, rows: number) => {
  appendFileSync(out, '{"url":"http://x.example/","status":200,"depth":1}\n'.repeat(rows))
  const database = new DatabaseSync(`${out}.job/crawl.sqlite`)
  const lengths = { "out.jsonl": { bytes: statSync(out).size, rows: rows + 3 } }
  database.prepare("UPDATE state SET value = ? WHERE name = 'lengths'").run(JSON.stringify(lengths))
  database.close()
}

describe("scraper export", () => {
  it.live("SCR52: each format has all rows", () =>
    Effect.gen(function* () {
      const { directory, out, rows } = yield* finishedJob
      const at = (name: string) => join(directory, name)
      for (const name of ["a.jsonl", "a.csv", "a.parquet", "a.sqlite"]) {
        const ended = yield* run("export", out, "-o", at(name))
        assert.deepStrictEqual([ended.code, ended.stdout], [0, ""], ended.stderr)
        assert.match(ended.stderr, new RegExp(`^3 rows \\(.*B\\) in .*${name}\n$`))
      }
      assert.deepStrictEqual(inOrder(jsonIn(readFileSync(at("a.jsonl"), "utf8"))), rows)

      const csv = readFileSync(at("a.csv"), "utf8").split("\n")
      assert.strictEqual(csv[0], "url,status,depth,title,price,marks")
      assert.include(csv, `${rows[1]!.url},200,1,"=A ""first"", one",£1,"[""x"",""y""]"`)
      assert.strictEqual(csv.length, 5)

      const numbers = ({ depth, status, ...row }: Record<string, unknown>) => ({
        ...row,
        status: Number(status),
        depth: Number(depth)
      })
      const parquet = (yield* parquetIn(at("a.parquet"))) as unknown as typeof rows
      assert.strictEqual(typeof parquet[0]!.status, "bigint")
      assert.deepStrictEqual(inOrder(parquet).map(numbers), rows.map(numbers))

      const sqlite = sqliteIn(at("a.sqlite"), "rows") as ReadonlyArray<{ readonly url: string }>
      assert.deepStrictEqual(
        inOrder(sqlite),
        rows.map((row) => ({ ...row, marks: JSON.stringify(row.marks) }))
      )
    })
  )

  it.live(
    "SCR52: a crawl that runs or was killed gives what it has committed, without a lock",
    () =>
      Effect.gen(function* () {
        const { origin, out, running } = yield* runningJob
        const rows = Effect.map(run("export", out, "-o", "-"), ({ code, stderr, stdout }) => {
          assert.strictEqual(code, 0, stderr)
          return inOrder(jsonIn(stdout)).map(({ url }) => url)
        })
        while ((yield* rows).length < 2);
        running.kill("SIGKILL")
        yield* Effect.promise(() => running.ended)
        // What a killed crawl has written and not committed is no row.
        appendFileSync(out, '{"url":"http://torn')
        assert.deepStrictEqual(yield* rows, [`${origin}/a`, `${origin}/b`])
        const { stderr } = yield* run("export", out, "-o", "-")
        assert.include(stderr, "2 rows (")
        assert.include(stderr, "1 URL of the job left")
      })
  )

  it.live("SCR53: pages are exported with their state and why", () =>
    Effect.gen(function* () {
      const { directory, origin, out } = yield* finishedJob
      const path = join(directory, "pages.sqlite")
      const ended = yield* run("export", out, "-o", path, "--table", "pages")
      assert.strictEqual(ended.code, 0, ended.stderr)
      const pages = sqliteIn(path, "pages").map(
        ({ depth, foundOn, reason, state, status, url }) => [
          String(url).replace(origin, ""),
          state,
          reason,
          status,
          depth,
          foundOn
        ]
      )
      assert.deepStrictEqual(pages, [
        ["/", "done", null, 200, 0, null],
        ["/a", "done", null, 200, 1, `${origin}/`],
        ["/b", "done", null, 200, 1, `${origin}/`],
        ["/gone", "failed", "status 404", 404, 1, `${origin}/`],
        ["/private", "skipped", "robots", null, 1, `${origin}/`]
      ])
    })
  )

  it.live("SCR54: --where and --fields choose, and formulas are escaped", () =>
    Effect.gen(function* () {
      const { origin, out } = yield* finishedJob
      const csv = (...args: ReadonlyArray<string>) =>
        Effect.map(run("export", out, "--output=-:csv", ...args), ({ stdout }) => stdout)
      const fields = ["--fields", "title,price"]
      assert.strictEqual(
        yield* csv(...fields, "--where", "price!=", "--escape-formulas"),
        'title,price\n"\'=A ""first"", one",£1\nBé,\'-2\n'
      )
      assert.strictEqual(
        yield* csv(...fields, "--where", "price~^£"),
        'title,price\n"=A ""first"", one",£1\n'
      )
      assert.strictEqual(
        yield* csv("--table", "pages", "--fields", "url", "--where", "state=failed"),
        `url\n${origin}/gone\n`
      )
      assert.strictEqual(yield* csv(...fields, "--where", "title=none"), "title,price\n")
      const wrong = yield* run("export", out, "-o", "-", "--where", "colour=red")
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, 'no rows have a field "colour"; they have url, status')
    })
  )

  it.live("SCR55: on a full disk the older file stays, and nothing is left", () =>
    Effect.gen(function* () {
      const { out } = yield* finishedJob
      const place = yield* temporaryDirectory
      enlarge(out, 10_000)
      for (const [name, kilobytes] of [
        ["x.jsonl", 0],
        ["x.sqlite", 0],
        ["x.sqlite", 100]
      ] as const) {
        const path = join(place, name)
        writeFileSync(path, "older")
        // No file may grow beyond that, as on a full disk.
        const ended = yield* runShell(
          `ulimit -f ${kilobytes}; trap '' XFSZ; program export '${out}' -o '${path}' 2>&1`
        )
        assert.strictEqual(ended.code, 3, ended.stdout)
        assert.strictEqual(ended.stdout.trimEnd().split("\n").length, 1, ended.stdout)
        assert.notInclude(ended.stdout, "the job", "the job itself can be read")
        assert.strictEqual(readFileSync(path, "utf8"), "older")
      }
      assert.deepStrictEqual(readdirSync(place), ["x.jsonl", "x.sqlite"])
    })
  )

  it.live("SCR55: Ctrl-C leaves no file", () =>
    Effect.gen(function* () {
      const { out } = yield* finishedJob
      enlarge(out, 300_000)
      const place = yield* temporaryDirectory
      const running = yield* start("export", out, "-o", join(place, "x.csv"))
      while (readdirSync(place).length === 0) yield* Effect.sleep("1 millis")
      running.kill("SIGINT")
      const ended = yield* Effect.promise(() => running.ended)
      assert.strictEqual(ended.code, 130, ended.stderr)
      assert.deepStrictEqual(readdirSync(place), [])
    })
  )

  it.live("SCR55: what cannot be written to is one line", () =>
    Effect.gen(function* () {
      const { directory, out } = yield* finishedJob
      for (const path of ["/nowhere/x.csv", "/proc/x.sqlite", `${directory}:csv`]) {
        const ended = yield* runHere(exportCommand, out, "-o", path)
        assert.strictEqual(ended.code, 3, ended.reason)
        assert.notInclude(ended.reason, "\n")
      }
      const full = yield* runShell(`program export '${out}' -o - > /dev/full`)
      assert.strictEqual(full.code, 3, full.stderr)
      assert.include(full.stderr, "ENOSPC")
    })
  )

  it.live("SCR56: a target that is the job's own, and one without a format, are wrong usage", () =>
    Effect.gen(function* () {
      const { directory, out } = yield* finishedJob
      const before = readFileSync(out, "utf8")
      for (const [target, reason] of [
        [out, "is the file that the crawl writes"],
        [`${directory}/../${directory.split("/").at(-1)}/out.jsonl:csv`, "that the crawl writes"],
        [`${out}.job/crawl.sqlite`, "is in the directory of the job"],
        [`${out}.job/bodies/x.csv`, "is in the directory of the job"],
        [join(directory, "x"), "does not say its format"],
        ["/dev/stdout:parquet", "cannot be written to stdout"]
      ] as const) {
        const ended = yield* runHere(exportCommand, out, "-o", target)
        assert.strictEqual(ended.code, 2, ended.reason)
        assert.include(ended.reason, reason)
      }
      for (const where of ["price", "price~("]) {
        const ended = yield* runHere(exportCommand, out, "-o", "-", "--where", where)
        assert.strictEqual(ended.code, 2, ended.reason)
        assert.include(ended.reason, `--where ${where}`)
      }
      assert.strictEqual(readFileSync(out, "utf8"), before)
    })
  )

  it.live("SCR56: an output that was changed, or that is not there, is told of", () =>
    Effect.gen(function* () {
      const { directory, out } = yield* finishedJob
      const target = join(directory, "x.csv")
      const { length } = readFileSync(out)
      truncateSync(out, 100)
      const cut = yield* run("export", out, "-o", target)
      assert.strictEqual(cut.code, 3)
      assert.include(cut.stderr, `has only 100 bytes, and the job has committed ${length}`)
      writeFileSync(out, "x".repeat(400))
      const changed = yield* run("export", out, "-o", target)
      assert.strictEqual(changed.code, 3)
      assert.include(changed.stderr, "a line that is no row")
      assert.isFalse(existsSync(target))
      const nowhere = yield* run("export", directory, "-o", target)
      assert.strictEqual(nowhere.code, 3)
      assert.include(nowhere.stderr, "there is no job in")
    })
  )
})
