import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet"
import { run, shell, start, temporaryDirectory } from "./support/program.ts"

const text = (path: string) => readFileSync(path, "utf8")
const lines = (printed: string) => printed.trimEnd().split("\n")
const inDirectory = Effect.map(temporaryDirectory, (directory) => ({
  directory,
  at: (name: string) => join(directory, name)
}))
const names = (directory: string) =>
  (
    readdirSync(directory, { recursive: true, withFileTypes: true }) as ReadonlyArray<
      import("node:fs").Dirent
    >
  )
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(directory.length + 1))
    .toSorted()

describe.concurrent("file-writer write --mode append", () => {
  it.live("FWR30: rows go to the end of the file, and a torn end is cut", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const out = at("rows.jsonl")
      writeFileSync(out, "1\n{torn")
      const { code, stderr } = yield* run("2\n", "write", "-o", out, "--mode", "append")
      assert.deepStrictEqual([code, text(out)], [0, "1\n2\n"])
      assert.strictEqual(lines(stderr).at(-1), `${out}: 1 rows committed, 2 bytes`)
      assert.include(stderr, "and kept them as")
    })
  )

  it.live("FWR31: exclusive does not touch a file that is there", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const args = ["write", "-o", at("rows.jsonl"), "--mode", "exclusive"]
      assert.strictEqual((yield* run("1\n", ...args)).code, 0)
      const second = yield* run("2\n", ...args)
      assert.strictEqual(second.code, 3)
      assert.include(second.stderr, "it is there already")
      assert.strictEqual(text(at("rows.jsonl")), "1\n")
    })
  )

  it.live("FWR32: csv has the columns that were asked for", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const rows = [{ a: 1, b: "x,y", c: null }, { b: { d: [1] } }, {}].map((row) =>
        JSON.stringify(row)
      )
      const args = ["write", "-o", at("rows.csv"), "--format", "csv", "--columns", "b,a,b.d"]
      assert.strictEqual((yield* run(rows.join("\n"), ...args)).code, 0)
      assert.strictEqual(text(at("rows.csv")), 'b,a,b.d\n"x,y",1,\n"{""d"":[1]}",,[1]\n,,\n')
      const noObjects = yield* run('5\n[1]\nnull\n{"a":1}\n', ...args)
      assert.deepStrictEqual([noObjects.code, text(at("rows.csv"))], [8, "b,a,b.d\n,1,\n"])
      assert.include(
        noObjects.stderr,
        "rejected line 2: the row cannot be written: it is no object"
      )
      const toStdout = yield* run(
        rows[0]!,
        "write",
        "-o",
        "-",
        "--format",
        "csv",
        "--columns",
        "a,c"
      )
      assert.strictEqual(toStdout.stdout, "a,c\n1,\n")
    })
  )

  it.live("FWR33: parquet has the fields of the rows, and refuses rows that do not fit", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const out = at("rows.parquet")
      const row = (id: number) => ({ id, name: id % 2 ? `é${id}` : null, ok: true, tags: [id] })
      const good = Array.from({ length: 10_001 }, (_, id) => JSON.stringify(row(id)))
      const bad = ['{"id":"text"}', '{"other":1}', "7"]
      const input = [...good, ...bad].join("\n")
      const { code, stderr } = yield* run(input, "write", "-o", out, "--format", "parquet")
      assert.strictEqual(code, 8, stderr)
      assert.include(stderr, "its id is no DOUBLE, as in the rows before")
      const file = yield* Effect.promise(() => asyncBufferFromFile(out))
      const read = yield* Effect.promise(() => parquetReadObjects({ file }))
      assert.strictEqual(read.length, 10_001)
      assert.deepStrictEqual(read[10_000], row(10_000))
      const few = ["write", "-o", out, "--format", "parquet", "--columns", "ok,id"]
      assert.strictEqual((yield* run(good.slice(0, 2).join("\n"), ...few)).code, 0)
      const again = yield* Effect.promise(() => asyncBufferFromFile(out))
      const rows = yield* Effect.promise(() => parquetReadObjects({ file: again }))
      assert.deepStrictEqual(rows, [
        { ok: true, id: 0 },
        { ok: true, id: 1 }
      ])
    })
  )

  it.live("FWR34: raw lines are kept as they are", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const input = Buffer.concat([Buffer.from("{no json\r\n\n é\n"), Buffer.from([0xff, 0x0a])])
      const { code } = yield* run(input, "write", "-o", at("rows.txt"), "--format", "raw")
      assert.deepStrictEqual([code, text(at("rows.txt"))], [8, "{no json\r\n\n é\n"])
    })
  )

  it.live("FWR35: partitions, rotation, compression, manifest and retention", () =>
    Effect.gen(function* () {
      const { at, directory } = yield* inDirectory
      const rows = Array.from({ length: 12 }, (_, id) => ({
        id,
        ts: id < 6 ? "2026-01-31T23:59:59Z" : 1_769_904_000_000,
        host: id % 3 === 0 ? "a/b" : "c"
      }))
      const input = [...rows, { id: 12 }].map((row) => JSON.stringify(row)).join("\n")
      const layout = [
        "--partition",
        "date={ts:%Y-%m-%d}/{host}",
        "--rotate-rows",
        "1",
        "--keep",
        "2"
      ]
      const args = ["--mode", "append", "--compress", "gzip", "--manifest", ...layout]
      const ended = yield* run(input, "write", "-o", at("rows.jsonl.gz"), ...args)
      assert.strictEqual(ended.code, 8, ended.stderr)
      assert.include(ended.stderr, "rejected line 13: the row cannot be written: its partition")
      assert.deepStrictEqual(
        names(directory).filter((name) => name.includes("2026-02")),
        [
          "date=2026-02-01/a%2Fb/rows.000001.jsonl.gz",
          "date=2026-02-01/a%2Fb/rows.000002.jsonl.gz",
          "date=2026-02-01/c/rows.000003.jsonl.gz",
          "date=2026-02-01/c/rows.000004.jsonl.gz"
        ]
      )
      const last = gunzipSync(readFileSync(at("date=2026-02-01/c/rows.000004.jsonl.gz")))
      assert.strictEqual(JSON.parse(last.toString()).id, 11)
      assert.isAtLeast(lines(text(at("rows.jsonl.gz.manifest.jsonl"))).length, 8)
    })
  )

  it.live("FWR36: with --key rows that are there already are not written again", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const args = ["write", "-o", at("rows.jsonl"), "--mode", "append", "--key", "id"]
      yield* run('{"id":1}\n{"id":2}\n', ...args)
      const { code, stderr } = yield* run('{"id":2}\n{"id":3}\n{}\n', ...args)
      assert.strictEqual(code, 8)
      assert.include(stderr, "received 3 = written 1 + rejected 1 + there already 1")
      assert.strictEqual(text(at("rows.jsonl")), '{"id":1}\n{"id":2}\n{"id":3}\n')
      // Each value is compared as it is written.
      const objects = '{"id":{"a":1}}\n{"id":{"a":2}}\n{"id":[1]}\n'
      const more = yield* run(`${objects}${objects}`, ...args)
      assert.include(more.stderr, "received 6 = written 3 + rejected 0 + there already 3")
      const twice = yield* run("", "verify", at("rows.jsonl"), "--key", "id")
      assert.strictEqual(twice.code, 0, twice.stderr)
    })
  )

  it.live("FWR37: a last line that is still being written is read again by the next run", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const places = ["--from", at("in"), "-o", at("rows.jsonl"), "--checkpoint", at("done.json")]
      const copy = run("", "write", "--mode", "append", ...places)
      writeFileSync(at("in"), '{"id":1}\n{"id":')
      const first = yield* copy
      assert.deepStrictEqual([first.code, text(at("rows.jsonl"))], [8, '{"id":1}\n'])
      writeFileSync(at("in"), '{"id":1}\n{"id":2}\n3')
      const second = yield* copy
      assert.include(second.stderr, "received 2 = written 2 + rejected 0 (lines done by an")
      assert.strictEqual(text(at("rows.jsonl")), '{"id":1}\n{"id":2}\n3\n')
      // One that was whole without its newline is done.
      writeFileSync(at("in"), '{"id":1}\n{"id":2}\n3\n{"id":')
      assert.strictEqual((yield* copy).code, 8)
      assert.strictEqual((yield* copy).code, 8)
      assert.strictEqual(text(at("rows.jsonl")), '{"id":1}\n{"id":2}\n3\n')
    })
  )

  it.live("FWR37: an input that is shorter than what is done is not taken for the same one", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const places = ["-o", at("rows.jsonl"), "--checkpoint", at("done.json")]
      const args = ["write", "--mode", "append", ...places]
      yield* run("1\n2\n3\n", ...args)
      const short = yield* run("1\n", ...args)
      assert.strictEqual(short.code, 3)
      assert.match(
        lines(short.stderr).at(-1)!,
        /stdin ends at line 1, and by .* 3 lines of it are done/
      )
      yield* run("1\n2\n3\n4\n", ...args)
      assert.strictEqual(text(at("rows.jsonl")), "1\n2\n3\n4\n")
    })
  )

  it.live(
    "FWR37: a killed run with a checkpoint goes on where it was, and no row is there twice",
    () =>
      Effect.gen(function* () {
        const { at, directory } = yield* inDirectory
        const rows = Array.from({ length: 200_000 }, (_, id) =>
          JSON.stringify({ id, at: "x".repeat(40) })
        )
        writeFileSync(at("in.ndjson"), `${rows.join("\n")}\n`)
        const to = ["--mode", "append", "-o", at("rows.jsonl"), "--checkpoint", at("done.json")]
        const args = ["write", "--from", at("in.ndjson"), ...to, "--rotate-rows", "70000"]
        const first = yield* start(...args, "--batch", "500", "--ack", "stdout")
        yield* Effect.promise(async () => {
          let acknowledged = 0
          for await (const chunk of first.stdout) {
            acknowledged = JSON.parse(lines(String(chunk)).at(-1)!).line
            if (acknowledged > 20_000) break
          }
          first.kill("SIGKILL")
          await first.ended
          assert.isBelow(acknowledged, 200_000)
        })
        const second = yield* run("", ...args)
        assert.strictEqual(second.code, 0, second.stderr)
        assert.match(second.stderr, /lines done by an earlier run: [1-9]/)
        const files = names(directory).filter((name) => name.startsWith("rows.0"))
        assert.deepStrictEqual(files.length, 3)
        assert.strictEqual(files.map((name) => text(at(name))).join(""), text(at("in.ndjson")))
        const third = yield* run("", ...args)
        assert.include(third.stderr, "received 0 = written 0 + rejected 0")
      })
  )

  it.live("FWR38: --ack stdout names each line once it is durable", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const out = at("rows.jsonl")
      const { ended, stdin, stdout } = yield* start(
        "write",
        "-o",
        out,
        "--mode",
        "append",
        "--ack",
        "stdout"
      )
      stdin.write("1\n")
      yield* Effect.promise(async () => {
        for await (const chunk of stdout) {
          const { files, line } = JSON.parse(lines(String(chunk)).at(-1)!)
          assert.deepStrictEqual([files["rows.jsonl"].rows, lines(text(out)).length], [line, line])
          if (line === 1) stdin.write("2\n")
          else stdin.end()
        }
        assert.strictEqual((await ended).code, 0)
      })
    })
  )

  it.live("FWR23, FWR38: when nobody reads the acknowledgements any more, the rows are whole", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      writeFileSync(at("in"), '{"id":1}\n'.repeat(100_000))
      const args = `--from '${at("in")}' -o '${at("out")}' --mode append --batch 100`
      const script = `(program write ${args} --ack stdout; echo "code $?" >&2) | head -n 1`
      const { stderr } = yield* shell(script)
      const said = lines(stderr)
      const [, written] = /^received \d+ = written (\d+) /.exec(said[0]!)!
      assert.strictEqual(lines(text(at("out"))).length, Number(written))
      assert.deepStrictEqual(said.slice(1), [
        "the reader of stdout went away",
        `${at("out")}: ${written} rows committed, ${9 * Number(written)} bytes`,
        "code 141"
      ])
    })
  )

  it.live.each([
    ["rows.csv", "a\n1\n", ["--columns", "a"]],
    ["rows.CSV.GZ", "a\n1\n", ["--columns", "a"]],
    ["rows.jsonl.zst", '{"a":1}\n', []],
    ["rows.csv", '{"a":1}\n', ["--format", "jsonl"]],
    ["rows.gz", '{"a":1}\n', ["--compress", "none"]],
    ["gz", '{"a":1}\n', []]
  ] as const)("FWR42: %s has %j with %j", ([name, content, flags]) =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      assert.strictEqual((yield* run('{"a":1}', "write", "-o", at(name), ...flags)).code, 0)
      const bytes = readFileSync(at(name))
      // Node reads no Zstandard file of several frames: that one is looked at by its first bytes.
      const isGzip = /\.gz$/i.test(name) && !flags.some((flag) => flag === "--compress")
      const isZstd = bytes.readUInt32LE(0) === 0x184d2a5f
      const decoded = isGzip ? gunzipSync(bytes) : isZstd ? Buffer.from(content) : bytes
      assert.strictEqual(isZstd, name.endsWith(".zst"))
      assert.strictEqual(decoded.toString(), content)
      const given = flags.filter((flag) => flag !== "--columns" && flag !== "a")
      const { stderr } = yield* run("", "verify", at(name), ...given)
      assert.include(stderr, "ok: 1 file, 1 row")
    })
  )

  it.live("FWR42: a Parquet file is written by its name, and not read", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const out = at("rows.parquet")
      assert.strictEqual((yield* run('{"a":1}', "write", "-o", out)).code, 0)
      const rows = yield* Effect.promise(async () =>
        parquetReadObjects({ file: await asyncBufferFromFile(out) })
      )
      assert.deepStrictEqual(rows, [{ a: 1 }])
      for (const command of ["verify", "tail", "recover"]) {
        const { code, stderr } = yield* run("", command, out)
        assert.strictEqual(code, 2)
        assert.include(stderr, "this reads jsonl, csv and raw")
      }
    })
  )

  it.live("FWR39: rows that do not fit a schema are rejected", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const schema = new URL("support/schema.ts", import.meta.url).pathname
      const rows = '{"id":1}\n{"id":"one"}\n'
      const good = yield* run(rows, "write", "-o", at("rows.jsonl"), "--schema", schema)
      assert.deepStrictEqual([good.code, text(at("rows.jsonl"))], [8, '{"id":1}\n'])
      assert.match(good.stderr, /rejected line 2: Expected/)
      const missing = yield* run(rows, "write", "-o", at("x"), "--schema", at("none.ts"))
      assert.strictEqual(missing.code, 2)
    })
  )

  it.live("FWR40: a full buffer drops rows that the sum counts, or spills them", () =>
    Effect.gen(function* () {
      const { at, directory } = yield* inDirectory
      const input = "1\n".repeat(20_000)
      const few = ["--mode", "append", "--buffer", "10"]
      const dropping = yield* run(input, "write", "-o", at("a"), ...few, "--on-full", "drop")
      const [, written, dropped] =
        /received 20000 = written (\d+) \+ rejected 0 \+ dropped (\d+)/.exec(dropping.stderr)!
      assert.strictEqual(Number(written) + Number(dropped), 20_000)
      assert.strictEqual(lines(text(at("a"))).length, Number(written))
      const spilling = yield* run(input, "write", "-o", at("b"), ...few, "--on-full", "spill")
      assert.strictEqual(spilling.code, 0, spilling.stderr)
      assert.strictEqual(text(at("b")), input)
      assert.deepStrictEqual(names(directory), ["a", "b"])
    })
  )

  it.live("FWR41: while one process writes, another one exits 75 and names it", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const first = yield* start(
        "write",
        "-o",
        at("rows.jsonl"),
        "--mode",
        "append",
        "--ack",
        "stdout"
      )
      first.stdin.write("1\n")
      yield* Effect.promise(async () => {
        await first.stdout[Symbol.asyncIterator]().next()
      })
      const second = yield* run("2\n", "write", "-o", at("rows.jsonl"))
      assert.strictEqual(second.code, 75)
      assert.include(second.stderr, "is being written by process")
      assert.strictEqual(text(at("rows.jsonl")), "1\n")
    })
  )

  it.live.each([
    [["--partition", "{a}"], "--partition needs --mode append"],
    [["--mode", "append", "--partition", "{a"], '--partition: "{" has no other half'],
    [["--mode", "append", "--partition", "{a:%q}"], '"%q" is none of'],
    [["--keep", "3"], "--keep needs --rotate-rows"],
    [["--format", "csv"], "--format csv needs --columns"],
    [["--format", "parquet", "--compress", "gzip"], "compressed already"],
    [["--format", "raw", "--mode", "append", "--key", "id"], "--key needs rows with fields"],
    [["--fsync", "sometimes"], "none, interval:1s, batch or always"],
    [["--batch", "10,soon"], "some of rows, size and time"],
    [["--ack", "stdout"], "--ack needs --mode append"],
    [["--fsync", "none"], "--fsync needs --mode append"],
    [["--rotate-rows", "1"], "--rotate-… needs --mode append"],
    [["--mode", "append", "--rotate-rows", "0"], "a whole number from 1"],
    [["--mode", "append", "--rotate-size", "0"], "a size from 1 byte on"],
    [["--mode", "append", "--rotate-every", "0s"], "a time above 0"],
    [["--batch", "0KiB"], "some of rows, size and time"],
    [["--buffer", "0"], "a whole number from 1"],
    [["-o", ""], "Invalid value for flag --output"]
  ] as const)("FWR13: %j is wrong usage", ([args, reason]) =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const ended = yield* run("", "write", "-o", at("rows"), ...args)
      assert.strictEqual(ended.code, 2)
      assert.include(ended.stderr, reason)
      assert.isFalse(existsSync(at("rows")))
    })
  )

  it.live("FWR21: on a full disk the committed prefix is valid, and a rerun goes on", () =>
    Effect.gen(function* () {
      const { at } = yield* inDirectory
      const rows = Array.from({ length: 30_000 }, (_, id) => `{"id":${id}}`)
      writeFileSync(at("in"), `${rows.join("\n")}\n`)
      const args = `--from '${at("in")}' -o '${at("out")}' --mode append --checkpoint '${at("done")}' --batch 1000`
      const full = yield* shell(`ulimit -f 200; trap '' XFSZ; program write ${args}`)
      assert.strictEqual(full.code, 3, full.stderr)
      const committed = lines(text(at("out")))
      assert.deepStrictEqual(committed, rows.slice(0, committed.length))
      assert.include(full.stderr, `${committed.length} rows committed`)
      assert.strictEqual((yield* shell(`program write ${args}`)).code, 0)
      assert.strictEqual(text(at("out")), text(at("in")))
    })
  )
})
