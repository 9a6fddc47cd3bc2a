import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger, Path } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"
import * as FileSink from "../src/FileSink.ts"
import * as Format from "../src/Format.ts"
import * as Manifest from "../src/Manifest.ts"
import { freshPath, readRows, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))
const quiet = Effect.provide(Logger.layer([]))
const format = Format.raw
const range = (length: number) => Array.from({ length }, (_, index) => index)

const writeAll = (options: Omit<FileSink.Options<string>, "format">, rows: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const sink = yield* FileSink.make({ ...options, format })
      yield* Effect.forEach(rows, sink.put, { discard: true })
      return yield* sink.finish
    })
  )

/** The files beside a path, by name, with their rows. */
const filesBeside = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { dirname, join } = yield* Path.Path
  const names = yield* fs.readDirectory(dirname(path), { recursive: true })
  const found: Record<string, ReadonlyArray<string>> = {}
  for (const name of names.toSorted()) {
    const file = join(dirname(path), name)
    if (/manifest|lock/.test(name) || (yield* fs.stat(file)).type !== "File") continue
    found[name] = yield* readRows(file)
  }
  return found
})

/** What the manifest says of a file is what is in it. */
const checkManifest = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { dirname, join } = yield* Path.Path
  const entries = [...(yield* Manifest.read(Manifest.pathOf(path))).values()]
  for (const { bytes, file, removed, rows, sha256 } of entries) {
    const at = join(dirname(path), file)
    assert.strictEqual(yield* fs.exists(at), removed !== true)
    if (removed === true) continue
    const content = yield* fs.readFile(at)
    assert.strictEqual(content.length, bytes)
    assert.strictEqual(createHash("sha256").update(content).digest("hex"), sha256)
    const text = file.endsWith(".gz") ? gunzipSync(content) : Buffer.from(content)
    assert.strictEqual(text.toString().split("\n").length - 1, rows)
  }
  return entries
})

describe("FileSink rotation", () => {
  it.effect("ROT1: a file has at most rowsMax rows, over several sinks and any batches", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const rotate = { rowsMax: 3 }
      yield* writeAll({ path, rotate }, ["a", "b", "c", "d"])
      yield* writeAll({ path, rotate, batchRowsMax: 2 }, ["e", "f", "g", "h"])
      assert.deepStrictEqual(yield* filesBeside(path), {
        "rows.000001.jsonl": ["a", "b", "c"],
        "rows.000002.jsonl": ["d", "e", "f"],
        "rows.000003.jsonl": ["g", "h"]
      })
    }).pipe(files)
  )

  it.effect("ROT2: a file has at most bytesMax bytes, unless one row is longer", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const rows = ["1234", "1234", "123", "a long row", "1"]
      yield* writeAll({ path, rotate: { bytesMax: 10 } }, rows)
      assert.deepStrictEqual(yield* filesBeside(path), {
        "rows.000001.jsonl": ["1234", "1234"],
        "rows.000002.jsonl": ["123"],
        "rows.000003.jsonl": ["a long row"],
        "rows.000004.jsonl": ["1"]
      })
    }).pipe(files)
  )

  it.effect("ROT3: a compressed file that has bytesMax bytes is followed by another", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const compression = "gzip"
      const options = { path, compression, batchRowsMax: 1, rotate: { bytesMax: 60 } } as const
      yield* writeAll(options, range(4).map(String))
      const texts = yield* Effect.forEach([1, 2], (number) =>
        Effect.map(fs.readFile(path.replace(".", `.00000${number}.`)), (bytes) =>
          gunzipSync(bytes).toString()
        )
      )
      assert.deepStrictEqual(texts, ["0\n1\n", "2\n3\n"])
    }).pipe(files)
  )

  it.effect("ROT4: after `every`, the next row goes to another file", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({
        path,
        format,
        batchEvery: 0,
        rotate: { every: "1 hour" }
      })
      for (const row of ["a", "b"]) yield* sink.offer(row)
      yield* TestClock.adjust("59 minutes")
      yield* sink.offer("c")
      yield* TestClock.adjust("1 minute")
      yield* sink.offer("d")
      assert.deepStrictEqual(yield* filesBeside(path), {
        "rows.000001.jsonl": ["a", "b", "c"],
        "rows.000002.jsonl": ["d"]
      })
    }).pipe(files)
  )

  it.effect("ROT5: filesMax files are kept", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const options = { path, manifest: true, rotate: { rowsMax: 1, filesMax: 2 } }
      yield* writeAll(options, ["a", "b", "c"])
      yield* writeAll(options, ["d"])
      assert.deepStrictEqual(yield* filesBeside(path), {
        "rows.000003.jsonl": ["c"],
        "rows.000004.jsonl": ["d"]
      })
      const entries = yield* checkManifest(path)
      assert.deepStrictEqual(
        entries.filter(({ removed }) => removed === true).map(({ file }) => file),
        ["rows.000001.jsonl", "rows.000002.jsonl"]
      )
    }).pipe(files)
  )
})

describe("FileSink partitions", () => {
  const by = (row: string) => row.split(":")[0]!
  const rowsOf = (keys: ReadonlyArray<string>, count: number) =>
    range(count).flatMap((index) => keys.map((key) => `${key}:${index}`))

  it.effect("PRT1: rows go to the directory of their partition, in order", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const rows = rowsOf(["a", "b/x"], 3)
      yield* writeAll({ path, partition: { by } }, rows.slice(0, 4))
      yield* writeAll({ path, partition: { by } }, rows.slice(4))
      assert.deepStrictEqual(yield* filesBeside(path), {
        "a/rows.jsonl": ["a:0", "a:1", "a:2"],
        "b/x/rows.jsonl": ["b/x:0", "b/x:1", "b/x:2"]
      })
    }).pipe(files)
  )

  it.effect.each(["", "../up", "/etc", "a//b", "a\u0001", "x".repeat(201)])(
    "PRT2: a row whose partition is %j is refused",
    (key) =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const sink = yield* FileSink.make({ path, format, partition: { by } })
        assert.strictEqual((yield* Effect.flip(sink.put(`${key}:1`)))._tag, "RowNotEncodable")
        yield* sink.put("ok:1")
        yield* sink.finish
        assert.deepStrictEqual(yield* filesBeside(path), { "ok/rows.jsonl": ["ok:1"] })
        assert.strictEqual((yield* sink.snapshot).rejected, 1)
      }).pipe(files)
  )

  it.effect("PRT3: of 20 partitions at most openFilesMax files are open at once", () => {
    let [open, most] = [0, 0]
    const counted = Effect.updateService(FileSystem.FileSystem, (fs) => ({
      ...fs,
      open: (path: string, options) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            if (options?.flag === "a+") most = Math.max(most, ++open)
          }),
          () => Effect.sync(() => (options?.flag === "a+" ? open-- : 0))
        ).pipe(Effect.andThen(fs.open(path, options)))
    }))
    return Effect.gen(function* () {
      const path = yield* freshPath
      const keys = range(20).map((key) => `k${key}`)
      yield* writeAll({ path, partition: { by, openFilesMax: 3 } }, rowsOf(keys, 5))
      assert.strictEqual(most, 3)
      const expected = keys.map((key) => [`${key}/rows.jsonl`, range(5).map((n) => `${key}:${n}`)])
      assert.deepStrictEqual(yield* filesBeside(path), Object.fromEntries(expected))
    }).pipe(counted, files)
  })

  it.effect("PRT4: an acknowledgement is about the file of the partition", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const { dirname, join } = yield* Path.Path
      const sink = yield* FileSink.make({ path, format, batchEvery: 0, partition: { by } })
      yield* sink.offer("a:1")
      const ack = yield* sink.offer("b:10")
      assert.deepStrictEqual(ack, {
        path: join(dirname(path), "b", "rows.jsonl"),
        bytes: 5,
        rows: 1
      })
    }).pipe(files)
  )
})

describe("FileSink manifest", () => {
  const by = (row: string) => row[0]!

  it.effect("MAN1: it has length, rows, first row and hash of every file, over several sinks", () =>
    Effect.gen(function* () {
      const path = `${yield* freshPath}.gz`
      const options = {
        path,
        manifest: true,
        compression: "gzip",
        rotate: { rowsMax: 2 },
        partition: { by, openFilesMax: 1 }
      } as const
      yield* writeAll(options, ["a1", "b1", "a2", "a3", "b2"])
      yield* writeAll(options, ["a4", "a5"])
      const entries = yield* checkManifest(path)
      const about = entries.map(({ file, firstRow, rows }) => [file, firstRow, rows] as const)
      assert.deepStrictEqual(about.toSorted(), [
        ["a/rows.000001.jsonl.gz", 0, 2],
        ["a/rows.000002.jsonl.gz", 2, 2],
        ["a/rows.000003.jsonl.gz", 4, 1],
        ["b/rows.000001.jsonl.gz", 0, 2]
      ])
    }).pipe(files)
  )

  it.effect("MAN2: files that a crash kept out of it are added when the series is opened", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const options = { path, manifest: true, rotate: { rowsMax: 1 } }
      yield* writeAll(options, ["a", "b", "c"])
      const manifest = Manifest.pathOf(path)
      const [first] = (yield* fs.readFileString(manifest)).split("\n")
      yield* fs.writeFileString(manifest, `${first}\n{"file":"rows.0000`)
      yield* writeAll(options, ["d"])
      const entries = yield* checkManifest(path)
      assert.deepStrictEqual(
        entries.map(({ firstRow }) => firstRow),
        [0, 1, 2, 3]
      )
    }).pipe(files, quiet)
  )
})

describe("FileSink opening", () => {
  const tornRows = "whole\ntorn"

  it.effect("FSK6: what is cut is kept, when no writer of the file was killed", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFileString(path, tornRows)
      yield* writeAll({ path }, ["new"])
      assert.strictEqual(yield* fs.readFileString(`${path}.torn.1`), "torn")
      assert.deepStrictEqual(yield* readRows(path), ["whole", "new"])
    }).pipe(files, quiet)
  )

  it.effect(
    "FSK6: what others wrote behind a saved commit is kept, when no writer was killed",
    () =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const fs = yield* FileSystem.FileSystem
        yield* fs.writeFileString(path, "ours\ntheirs\n")
        const lengths = { "rows.jsonl": { bytes: 5, rows: 1 } }
        const commit = { load: Effect.succeed(lengths), save: () => Effect.void }
        yield* writeAll({ path, commit }, ["new"])
        assert.strictEqual(yield* fs.readFileString(`${path}.torn.1`), "theirs\n")
        assert.deepStrictEqual(yield* readRows(path), ["ours", "new"])
      }).pipe(files, quiet)
  )

  it.effect.each(["replace", "exclusive"] as const)(
    "FSK7: rotation does not go with the mode %s",
    (mode) =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const exit = yield* Effect.exit(FileSink.make({ path, format, mode, rotate: {} }))
        assert.include(String(exit), "rotate does not go with the mode")
      }).pipe(files)
  )

  it.effect("FSK8: an exclusive sink does not open when the file is there", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      yield* writeAll({ path, mode: "exclusive" }, ["first"])
      const error = yield* Effect.flip(writeAll({ path, mode: "exclusive" }, ["second"]))
      assert.include(error.message, "it is there already")
      assert.deepStrictEqual(yield* readRows(path), ["first"])
    }).pipe(files)
  )
})
