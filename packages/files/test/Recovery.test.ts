import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger, Path } from "effect"
import * as FileSink from "../src/FileSink.ts"
import * as Format from "../src/Format.ts"
import * as Recovery from "../src/Recovery.ts"
import { otherWriter } from "./support/otherWriter.ts"
import { freshPath, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))
const quiet = Effect.provide(Logger.layer([]))
const format = Format.raw

describe("Recovery", () => {
  it.effect("REC1: torn ends are cut in all files, of all partitions when it says so", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const { dirname, join } = yield* Path.Path
      const names = [
        "rows.000001.jsonl",
        "a/rows.000001.jsonl",
        "a/rows.000002.jsonl",
        "other.jsonl"
      ]
      yield* fs.makeDirectory(join(dirname(path), "a"))
      for (const name of names) yield* fs.writeFileString(join(dirname(path), name), "1\n22\ntorn")
      const found = (isPartitioned: boolean) =>
        Effect.map(
          Recovery.recover({ path, format, isRotated: true, isPartitioned }),
          ({ files }) =>
            files.map(({ bytes, bytesCut, path, rows }) => [
              path.split("/").at(-2),
              rows,
              bytes,
              bytesCut
            ])
        )
      const folder = dirname(path).split("/").at(-1)
      assert.deepStrictEqual(yield* found(false), [[folder, 2, 5, 4]])
      assert.deepStrictEqual(yield* found(true), [
        ["a", 2, 5, 4],
        ["a", 2, 5, 4],
        [folder, 2, 5, 0]
      ])
      assert.strictEqual(
        yield* fs.readFileString(join(dirname(path), "other.jsonl")),
        "1\n22\ntorn"
      )
    }).pipe(files, quiet)
  )

  it.effect.each(["keep", "publish", "drop"] as const)(
    "REC2: a partial file, when told to %s",
    (partial) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* fs.writeFileString(path, "old\n")
        yield* fs.writeFileString(`${path}.partial`, "new\nto")
        const report = yield* Recovery.recover({ path, format, partial })
        assert.strictEqual(report.partial?.rows, 1)
        const text = yield* fs.readFileString(path)
        assert.strictEqual(text, partial === "publish" ? "new\n" : "old\n")
        assert.strictEqual(yield* fs.exists(`${path}.partial`), partial === "keep")
      }).pipe(files, quiet)
  )

  it.effect("REC3: unfinished writes of whole files are removed, and nothing else", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const { dirname, join } = yield* Path.Path
      const at = (name: string) => join(dirname(path), name)
      const [ours, others] = [".rows.jsonl.0123abcd.tmp", ".other.89abcdef.tmp"]
      for (const name of [ours, others, "rows.tmp"]) yield* fs.writeFileString(at(name), "")
      const first = yield* Recovery.recover({ path, format })
      assert.deepStrictEqual(first.removed, [at(ours)])
      const second = yield* Recovery.recover({ path: dirname(path), format })
      assert.deepStrictEqual(second.removed, [at(others)])
      assert.deepStrictEqual(yield* fs.readDirectory(dirname(path)), ["rows.tmp"])
    }).pipe(files)
  )

  it.live("REC4: while a writer is alive nothing is touched, after that everything is", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const writer = yield* otherWriter(path)
      yield* fs.writeFileString(path, "1\ntorn")
      const error = yield* Effect.flip(Recovery.recover({ path, format }))
      assert.strictEqual(error._tag, "TargetLocked")
      assert.strictEqual(yield* fs.readFileString(path), "1\ntorn")
      yield* writer.kill
      yield* Recovery.recover({ path, format })
      assert.strictEqual(yield* fs.readFileString(path), "1\n")
      const { dirname } = yield* Path.Path
      assert.deepStrictEqual(yield* fs.readDirectory(dirname(path)), ["rows.jsonl"])
    }).pipe(files, quiet)
  )

  it.effect(
    "REC5: where nothing is, there is nothing to do; a missing directory is a failure",
    () =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const report = yield* Recovery.recover({ path, format })
        assert.deepStrictEqual(report, { files: [], partial: undefined, removed: [] })
        const error = yield* Effect.flip(Recovery.recover({ path: `${path}/x/y`, format }))
        assert.strictEqual(error._tag, "RecoveryFailed")
      }).pipe(files)
  )

  it.effect("REC6: recovering again changes nothing, and a sink goes on", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, "1\n2")
      yield* Recovery.recover({ path, format })
      const { files } = yield* Recovery.recover({ path, format })
      assert.deepStrictEqual(files, [{ path, rows: 1, bytes: 2, bytesCut: 0 }])
      const sink = yield* FileSink.make({ path, format, batchEvery: 0 })
      assert.strictEqual((yield* sink.offer("2")).rows, 2)
    }).pipe(files, quiet)
  )
})
