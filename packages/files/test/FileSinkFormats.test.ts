import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger, Stream } from "effect"
import { Csv } from "effect/encoding"
import { execFileSync, spawnSync } from "node:child_process"
import { gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib"
import * as CsvFormat from "../src/CsvFormat.ts"
import * as FileSink from "../src/FileSink.ts"
import * as Format from "../src/Format.ts"
import { freshPath, readRows, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))
const quiet = Effect.provide(Logger.layer([]))
const range = (length: number) => Array.from({ length }, (_, index) => index)

const writeAll = <Row>(options: FileSink.Options<Row>, rows: ReadonlyArray<Row>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const sink = yield* FileSink.make(options)
      yield* Effect.forEach(rows, sink.put, { discard: true })
      yield* sink.finish
      return sink
    })
  )

/** Cuts the end of a file, as a crash does. */
const tear = Effect.fnUntraced(function* (path: string, bytes: number) {
  const fs = yield* FileSystem.FileSystem
  const { size } = yield* fs.stat(path)
  yield* fs.truncate(path, Number(size) - bytes)
})

describe("FileSink formats", () => {
  const csv = CsvFormat.make({ columns: ["name", "note"] })
  const people = [
    { name: "Ada", note: 'says "hi", twice' },
    { name: "Grace\nHopper", note: undefined },
    { name: "日本", note: "" }
  ]

  it.effect("FMT1: a CSV file has one header, and reads back as it went in", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* writeAll({ path, format: csv }, people)
      const second = yield* writeAll({ path, format: csv }, people.slice(0, 1))
      assert.strictEqual(second.recovered.rows, 3)
      const read = yield* Stream.make(yield* fs.readFileString(path)).pipe(
        Stream.pipeThroughChannel(Csv.decodeString({ headers: true })),
        Stream.runCollect
      )
      const expected = [...people, people[0]!].map(({ name, note }) => ({ name, note: note ?? "" }))
      assert.deepStrictEqual(read, expected)
    }).pipe(files)
  )

  it.effect("FMT2: in a torn CSV file a line break between quotes ends no record", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      yield* writeAll({ path, format: csv }, people.slice(0, 2))
      yield* tear(path, 3)
      const again = yield* writeAll({ path, format: csv }, [{ name: "Edsger" }])
      assert.strictEqual(again.recovered.rows, 1)
      assert.deepStrictEqual(yield* readRows(path), [
        "name,note",
        'Ada,"says ""hi"", twice"',
        "Edsger,"
      ])
    }).pipe(files)
  )

  it.effect("FMT3: cells that are no text are refused", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format: csv })
      for (const name of [1, "\0", "\ud800"]) {
        const error = yield* Effect.flip(sink.put({ name: name as string }))
        assert.strictEqual(error._tag, "RowNotEncodable")
      }
      yield* sink.put({ name: "ok" })
      yield* sink.finish
      const { received, rejected, written } = yield* sink.snapshot
      assert.deepStrictEqual([received, rejected, written], [4, 3, 1])
    }).pipe(files)
  )

  it.effect.each(["a\nb", "a\0b", "\ud83e"])("FMT4: %j is no raw line", (line) =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format: Format.raw })
      assert.strictEqual((yield* Effect.flip(sink.put(line)))._tag, "RowNotEncodable")
      yield* sink.put(" as it is\r")
      yield* sink.finish
      assert.deepStrictEqual(yield* readRows(path), [" as it is\r"])
    }).pipe(files)
  )

  it("FMT5: what a format encodes it decodes, and nothing else", () => {
    const decoded = <Row>(format: Format.Format<Row>, row: Row) =>
      format.decode(
        String(format.encode(row).pipe((result) => "success" in result && result.success))
      )
    assert.deepStrictEqual(decoded(Format.jsonl, { id: [1, null] }), { id: [1, null] })
    assert.strictEqual(decoded(Format.raw, "a,b"), "a,b")
    assert.deepStrictEqual(decoded(csv, { name: 'x"\ny', note: "" }), { name: 'x"\ny', note: "" })
    assert.isUndefined(Format.jsonl.decode('{"id":'))
    assert.isUndefined(csv.decode('"open'))
    assert.isUndefined(csv.decode("one cell"))
  })
})

/** Node's own decoder stops after the first frame; each of ours comes after 20 bytes that say how long both are. */
const unzstd = (bytes: Uint8Array): Buffer => {
  const frames: Array<Uint8Array> = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += view.getUint32(at + 12, true)) {
    frames.push(zstdDecompressSync(bytes.subarray(at + 20, at + view.getUint32(at + 12, true))))
  }
  return Buffer.concat(frames)
}

const decoders = { gzip: gunzipSync, zstd: unzstd }
const has = (program: string) => spawnSync(program, ["--version"]).error === undefined
const format = Format.jsonl

describe.each(["gzip", "zstd"] as const)("FileSink with %s", (compression) => {
  const decoded = Effect.fnUntraced(function* (path: string) {
    const fs = yield* FileSystem.FileSystem
    const text = decoders[compression](yield* fs.readFile(path)).toString()
    return text.split("\n").slice(0, -1)
  })

  it.effect("CMP1: any decoder reads the file, over several sinks", () =>
    Effect.gen(function* () {
      const path = `${yield* freshPath}.z`
      yield* writeAll({ path, format, compression, batchRowsMax: 7 }, range(50))
      const second = yield* writeAll({ path, format, compression }, range(3))
      assert.strictEqual(second.recovered.rows, 50)
      const rows = [...range(50), ...range(3)].map(String)
      assert.deepStrictEqual(yield* decoded(path), rows)
      if (!has(compression)) return
      const text = execFileSync(compression, ["-dc"], {
        input: yield* (yield* FileSystem.FileSystem).readFile(path)
      })
      assert.strictEqual(text.toString(), `${rows.join("\n")}\n`)
    }).pipe(files)
  )

  it.effect("CMP2: every committed length is a file that decodes to the committed rows", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format, compression, batchEvery: 0 })
      for (const row of range(5)) {
        const { bytes, rows } = yield* sink.offer(row)
        const text = decoders[compression]((yield* fs.readFile(path)).subarray(0, bytes)).toString()
        assert.strictEqual(text.split("\n").length - 1, rows)
      }
    }).pipe(files)
  )

  const tearings = {
    "cut in its header": (bytes: Uint8Array) => bytes.subarray(0, 10),
    "cut in its data": (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 3),
    "with zeros for data": (bytes: Uint8Array) => bytes.fill(0, bytes.length - 20),
    "of zeros only": (bytes: Uint8Array) => bytes.fill(0)
  }
  it.effect.each(Object.entries(tearings))("CMP3: a member %s is cut", ([, tearing]) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* writeAll({ path, format, compression }, ["a", "b"])
      const first = yield* fs.readFile(path)
      yield* writeAll({ path, format, compression }, ["c".repeat(500)])
      const second = (yield* fs.readFile(path)).slice(first.length)
      yield* fs.writeFile(path, Buffer.concat([first, tearing(second)]))
      const again = yield* writeAll({ path, format, compression }, ["d"])
      assert.strictEqual(again.recovered.rows, 2)
      assert.deepStrictEqual(yield* decoded(path), ['"a"', '"b"', '"d"'])
    }).pipe(files)
  )

  it.effect("CMP3: a member with any one byte changed is cut", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* writeAll({ path, format, compression }, ["a", "b"])
      const first = yield* fs.readFile(path)
      yield* writeAll({ path, format, compression }, ["Zażółć gęślą jaźń"])
      const all = yield* fs.readFile(path)
      for (let at = first.length + 24; at < all.length; at++) {
        const changed = all.slice()
        changed[at] = changed[at]! ^ 0x20
        yield* fs.writeFile(path, changed)
        const { recovered } = yield* writeAll({ path, format, compression }, [])
        assert.strictEqual(recovered.rows, 2, `byte ${at}`)
      }
    }).pipe(files, quiet)
  )

  it.effect("CMP3: a first member of zeros only is cut", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFile(path, new Uint8Array(100))
      const sink = yield* writeAll({ path, format, compression }, ["a"])
      assert.strictEqual(sink.recovered.rows, 0)
      assert.deepStrictEqual(yield* decoded(path), ['"a"'])
    }).pipe(files)
  )

  it.effect.each([
    ["by another program", new Uint8Array(gzipSync("1\n"))],
    ["by nobody", new TextEncoder().encode('{"id":1}\n'.repeat(20))]
  ] as const)("CMP4: a file that was compressed %s is left alone", ([, content]) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFile(path, content)
      const error = yield* Effect.flip(FileSink.make({ path, format, compression }))
      assert.include(error.message, "compressed by another program")
      assert.isTrue(Buffer.from(content).equals(yield* fs.readFile(path)))
    }).pipe(files)
  )

  it.effect("CMP5: a file that is published whole can be compressed too", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      yield* writeAll({ path, format, compression, mode: "replace" }, range(9))
      assert.deepStrictEqual(yield* decoded(path), range(9).map(String))
    }).pipe(files)
  )
})
