import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run, start, temporaryDirectory } from "./support/program.ts"

const text = (path: string) => readFileSync(path, "utf8")
const lines = (printed: string) => printed.trimEnd().split("\n")
const inDirectory = Effect.map(
  temporaryDirectory,
  (directory) => (name: string) => join(directory, name)
)
const json = (value: unknown) => `${JSON.stringify(value)}\n`

describe.concurrent("file-writer many", () => {
  it.live("FWR50: each row becomes a file, with its directories, the last one for a path", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      const rows = Array.from({ length: 600 }, (_, id) => ({
        path: `d${id % 7}/${id}.txt`,
        content: `é${id}`
      }))
      const bytes = Buffer.from([0, 255, 10])
      const last = [
        { path: "d0/0.txt", content: "new" },
        { path: "bytes", base64: bytes.toString("base64") }
      ]
      const input = [...rows, ...last].map(json).join("")
      const { code, stderr } = yield* run(input, "many", at("out"))
      assert.strictEqual(code, 0, stderr)
      assert.include(stderr, "received 602 = written 602 + rejected 0")
      assert.strictEqual(text(at("out/d0/0.txt")), "new")
      for (const { content, path } of rows.slice(1))
        assert.strictEqual(text(at(`out/${path}`)), content)
      assert.isTrue(readFileSync(at("out/bytes")).equals(bytes))
      const found = readdirSync(at("out"), { recursive: true })
      assert.strictEqual(found.length, 601 + 7)
    })
  )

  it.live("FWR51: rows that lead out of the directory, or are no files, are rejected", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      const bad = [
        { path: "../x", content: "" },
        { path: "/etc/x", content: "" },
        { path: "a/../../x", content: "" },
        { path: "a\0b", content: "" },
        { path: "no content" },
        { path: "x", base64: "*" },
        7
      ]
      const good = json({ path: "ok", content: "" })
      const input = bad.map(json).join("") + good
      const { code, stderr, stdout } = yield* run(input, "many", at("out"), "--json")
      assert.strictEqual(code, 8)
      const { received, rejected, written } = JSON.parse(stdout)
      assert.deepStrictEqual([received, written, rejected], [8, 1, 7])
      assert.include(stderr, '"../x" is no safe path: it contains ..')
      assert.deepStrictEqual(readdirSync(at("out")), ["ok"])
      assert.isFalse(existsSync(at("x")))
    })
  )

  it.live("FWR51: links do not lead out of the directory", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      mkdirSync(at("out/inside"), { recursive: true })
      mkdirSync(at("outside"))
      symlinkSync(at("outside"), at("out/away"))
      symlinkSync(at("outside/new"), at("out/dangling"))
      symlinkSync(at("out/inside"), at("out/here"))
      const paths = ["away/a", "away", "dangling", "here/a", "b"]
      const input = paths.map((path) => json({ path, content: path })).join("")
      const { code, stderr } = yield* run(input, "many", at("out"))
      assert.strictEqual(code, 8, stderr)
      assert.include(stderr, `rejected line 1: a symbolic link, ${at("out/away")}, leads out of`)
      assert.include(stderr, "received 5 = written 2 + rejected 3")
      assert.deepStrictEqual(readdirSync(at("outside")), [])
      assert.deepStrictEqual([text(at("out/inside/a")), text(at("out/b"))], ["here/a", "b"])
    })
  )

  it.live("FWR52: a file that cannot be written exits 3 and leaves the others whole", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      writeFileSync(at("file"), "")
      const input = json({ path: "file/below", content: "" })
      const { code, stderr } = yield* run(input, "many", at("."))
      assert.strictEqual(code, 3)
      assert.match(
        lines(stderr).at(-1)!,
        /cannot write .*: E(EXIST|NOTDIR).*; 0 files are written$/
      )
    })
  )
})

describe.concurrent("file-writer verify", () => {
  const rows = '{"id":1}\n{"id":2}\n'

  it.live("FWR55: a file that is well exits 0, with its rows, bytes and hash", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      writeFileSync(at("rows"), rows)
      const { code, stdout } = yield* run("", "verify", at("rows"), "--key", "id", "--json")
      const sha256 = createHash("sha256").update(rows).digest("hex")
      const file = { path: at("rows"), rows: 2, bytes: 18, sha256, problems: [] }
      assert.deepStrictEqual([code, JSON.parse(stdout)], [0, { ok: true, files: [file] }])
    })
  )

  it.live("FWR56: what is torn, malformed or there twice exits 9", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      writeFileSync(at("rows"), `${rows}nope\n{"id":1}\n{"id`)
      const { code, stderr } = yield* run("", "verify", at("rows"), "--key", "id")
      assert.strictEqual(code, 9)
      assert.deepStrictEqual(lines(stderr).slice(1), [
        `${at("rows")}: record 3 is not JSON`,
        `${at("rows")}: record 4 has the key 1 again`,
        `${at("rows")}: 4 bytes at its end are no whole record`,
        "file-writer: not as it should be: 1 of 1 file"
      ])
    })
  )

  it.live("FWR57: with a manifest each file must be there, and as it says", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      const layout = ["--mode", "append", "--rotate-rows", "1", "--manifest"]
      yield* run("1\n2\n3\n4\n", "write", "-o", at("rows"), ...layout)
      const verify = run("", "verify", at("rows.manifest.jsonl"))
      const well = yield* verify
      assert.deepStrictEqual([well.code, lines(well.stderr).at(-1)], [0, "ok: 4 files, 4 rows"])
      writeFileSync(at("rows.000001"), "7\n")
      writeFileSync(at("rows.000002"), "")
      symlinkSync(at("nowhere"), at("link"))
      writeFileSync(at("rows.000004"), "4\n5\n")
      const { code, stderr } = yield* verify
      assert.strictEqual(code, 9)
      assert.match(stderr, /rows\.000001: its sha256 should be/)
      assert.match(stderr, /rows\.000002: its length should be 2 and is 0/)
      // What came after the manifest is no problem.
      assert.notMatch(stderr, /rows\.00000[34]: its/)
      assert.include(stderr, "not as it should be: 2 of 4 files")
    })
  )

  it.live("FWR58: a file that cannot be read exits 3", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      for (const name of ["none", "none.manifest.jsonl"]) {
        const { code, stderr } = yield* run("", "verify", at(name))
        assert.strictEqual(code, 3)
        assert.match(stderr, /^file-writer: cannot read .*: ENOENT: no such file.*\n$/)
      }
    })
  )
})

describe.concurrent("file-writer recover and tail", () => {
  it.live("FWR60: recover cuts, publishes, removes, and says so", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      writeFileSync(at("rows.partial"), "1\n2\ntorn")
      writeFileSync(at(".rows.0123abcd.tmp"), "")
      const { code, stderr } = yield* run("", "recover", at("rows"), "--partial", "publish")
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(text(at("rows")), "1\n2\n")
      assert.include(stderr, `${at("rows.partial")}: 2 rows, 4 bytes, 4 bytes cut, published`)
      assert.include(stderr, `${at(".rows.0123abcd.tmp")}: removed`)
      const again = yield* run("", "recover", at("rows"), "--json")
      const { files } = JSON.parse(again.stdout)
      assert.deepStrictEqual(files, [{ path: at("rows"), rows: 2, bytes: 4, bytesCut: 0 }])
    })
  )

  it.live("FWR61: while a writer is alive, recover exits 75", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      const writer = yield* start("write", "-o", at("rows"), "--mode", "append", "--ack", "stdout")
      writer.stdin.write("1\n")
      yield* Effect.promise(async () => {
        await writer.stdout[Symbol.asyncIterator]().next()
      })
      const { code, stderr } = yield* run("", "recover", at("rows"))
      assert.strictEqual(code, 75, stderr)
    })
  )

  it.live("FWR62: tail prints the last records, and with -f those that come", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      const args = ["--compress", "gzip"]
      const write = (input: string) =>
        run(input, "write", "-o", at("rows"), "--mode", "append", ...args)
      yield* write("1\n2\n3\n")
      const last = yield* run("", "tail", at("rows"), ...args, "-n", "2")
      assert.deepStrictEqual([last.code, last.stdout], [0, "2\n3\n"])
      const following = yield* start("tail", at("rows"), ...args, "-n", "1", "-f")
      const chunks = following.stdout[Symbol.asyncIterator]()
      const next = Effect.promise(async () => String((await chunks.next()).value))
      assert.strictEqual(yield* next, "3\n")
      yield* write("4\n")
      assert.strictEqual(yield* next, "4\n")
      following.kill("SIGINT")
      const { code } = yield* Effect.promise(() => following.ended)
      assert.strictEqual(code, 130)
    })
  )

  it.live("FWR63: bench measures every policy and leaves nothing", () =>
    Effect.gen(function* () {
      const at = yield* inDirectory
      const { code, stdout } = yield* run("", "bench", at("."), "--rows", "50", "--json")
      assert.strictEqual(code, 0)
      const ways = JSON.parse(stdout)
      assert.strictEqual(ways.length, 5)
      for (const { perSecond, rows } of ways) assert.isTrue(rows === 50 && perSecond > 0)
      assert.deepStrictEqual(readdirSync(at(".")), [])
      const nowhere = yield* run("", "bench", at("none"))
      assert.strictEqual(nowhere.code, 3)
      assert.match(nowhere.stderr, /^file-writer: cannot write in .*: ENOENT: no such file.*\n$/)
    })
  )
})
