import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import * as CsvFormat from "../src/CsvFormat.ts"
import * as FileSink from "../src/FileSink.ts"
import * as Format from "../src/Format.ts"
import * as Records from "../src/Records.ts"
import { freshPath, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))
const range = (length: number) => Array.from({ length }, (_, index) => index)

describe("Records", () => {
  it.effect.each(["none", "gzip", "zstd"] as const)(
    "RDR1: what a sink has committed is read back while it is open, compression %s",
    (compression) =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const options = { path, compression, format: Format.raw }
        const sink = yield* FileSink.make({ ...options, batchEvery: 0, batchRowsMax: 7 })
        const rows = range(50).map((row) => "é".repeat(row * 1000) + row)
        yield* Effect.forEach(rows, sink.put)
        yield* sink.flush
        assert.deepStrictEqual(yield* Stream.runCollect(Records.read(options)), rows)
      }).pipe(files)
  )

  it.effect(
    "RDR2: it ends before a record that is not whole, and before bytes that never came",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        const read = Stream.runCollect(Records.read({ path, format: Format.raw }))
        yield* fs.writeFileString(path, "a\nb\ntorn")
        assert.deepStrictEqual(yield* read, ["a", "b"])
        yield* fs.writeFileString(path, "a\nb\0\0\nc\n")
        assert.deepStrictEqual(yield* read, ["a"])
      }).pipe(files)
  )

  it.effect("RDR3: a CSV record may have line breaks, and the line of names is no record", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const options = { path, format: CsvFormat.make({ columns: ["a", "b"] }) }
      const sink = yield* FileSink.make(options)
      const rows = [
        { a: "1\n2", b: '"' },
        { a: "", b: "3" }
      ]
      yield* Effect.forEach(rows, sink.put)
      yield* sink.finish
      const records = yield* Stream.runCollect(Records.read(options))
      assert.deepStrictEqual(records.map(options.format.decode), rows)
    }).pipe(files)
  )

  it.effect.each(["none", "gzip"] as const)(
    "RDR4: reading goes on where it ended, compression %s",
    (compression) =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const options = { path, compression, format: Format.raw }
        const sink = yield* FileSink.make({ ...options, batchEvery: 0 })
        yield* sink.offer("one")
        const first = yield* Stream.runCollect(Records.batches(options))
        yield* sink.offer("two")
        const second = yield* Stream.runCollect(Records.batches(options, first.at(-1)!.end))
        assert.deepStrictEqual(
          [...first, ...second].map(({ records }) => records),
          [["one"], ["two"]]
        )
      }).pipe(files)
  )

  it.effect("RDR5: a file that is not there is a failure that names it", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const read = Stream.runCollect(Records.read({ path, format: Format.raw }))
      assert.include((yield* Effect.flip(read)).message, `cannot read ${path}: ENOENT`)
    }).pipe(files)
  )
})
