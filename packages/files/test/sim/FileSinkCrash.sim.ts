import { assert, describe, it } from "@effect/vitest"
import { SimFileSystem } from "@fibra/testing"
import { Effect, FileSystem, Logger, Option, Path, Schema } from "effect"
import * as Checkpoint from "../../src/Checkpoint.ts"
import * as FileSink from "../../src/FileSink.ts"
import * as Format from "../../src/Format.ts"
import * as Manifest from "../../src/Manifest.ts"
import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"

const path = "/tmp/rows.jsonl"
const format = Format.jsonl
// All crashes take a minute, so every day some of them must do.
const isLong = process.env["FIBRA_SOAK"] === "1"
const range = (length: number) => Array.from({ length }, (_, index) => index)
const quiet = Effect.provide(Logger.layer([]))

/** Three producers of four rows each, longer than a sector now and then. */
const produce = (
  sink: FileSink.FileSink<string>,
  acknowledge: (row: string) => Effect.Effect<void>
) =>
  Effect.forEach(
    range(3),
    (producer) =>
      Effect.forEach(range(4), (index) => {
        const row = `${producer}:${index}:${"x".repeat(producer * 150)}`
        return Effect.andThen(sink.offer(row), acknowledge(row))
      }),
    { concurrency: "unbounded", discard: true }
  )

/** What the next run finds, and its own row. */
const goOn = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const sink = yield* FileSink.make({ path, format, batchEvery: 0 })
  const { rows } = yield* sink.offer("after")
  const text = yield* fs.readFileString(path)
  return { found: sink.recovered.rows, rows, text }
}).pipe(Effect.scoped, Effect.provide(Path.layer), quiet)

const rowsOf = (text: string): ReadonlyArray<string> => {
  assert.isTrue(text.endsWith("\n"))
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line))
}

describe("FileSink, crashed after each operation of the disk", () => {
  it.effect.each([
    ["whole sectors", 512],
    ["any byte", 1]
  ] as const)(
    "FSK4: what was acknowledged is there once, and no row is torn: %s",
    ([, sectorBytes]) =>
      Effect.gen(function* () {
        const swept = yield* SimFileSystem.crashEverywhere(
          (acknowledge: SimFileSystem.Acknowledge<string>) =>
            Effect.gen(function* () {
              const sink = yield* FileSink.make({ path, format, batchEvery: 0, batchRowsMax: 2 })
              yield* produce(sink, acknowledge)
              yield* sink.finish
            }).pipe(Effect.scoped, Effect.provide(Path.layer), Effect.orDie),
          Effect.orDie(goOn),
          ({ acknowledged, recovered: { found, rows, text } }) =>
            Effect.sync(() => {
              const there = rowsOf(text)
              assert.deepStrictEqual([there.length, there.at(-1)], [rows, "after"])
              assert.strictEqual(found, rows - 1)
              assert.strictEqual(new Set(there).size, there.length)
              for (const row of acknowledged) assert.include(there, row)
            }),
          { disk: { sectorBytes }, ...(isLong ? {} : { pointsMax: 30 }) }
        )
        assert.isAbove(swept.operations, 20)
      })
  )

  it.effect("FSK5: what a sink says that it found survives a power loss", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      yield* disk.fileSystem.writeFileString(path, '"one"\n"two"\n"to')
      const sink = yield* FileSink.make({ path, format }).pipe(
        Effect.provide([disk.layer, Path.layer]),
        quiet
      )
      assert.strictEqual(sink.recovered.rows, 2)
      const { fileSystem } = yield* disk.crash("lost")
      assert.deepStrictEqual(rowsOf(yield* fileSystem.readFileString(path)), ["one", "two"])
    })
  )

  /** Every file of rows on the disk, and what is in it. */
  const contents = Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const names = yield* fs.readDirectory("/tmp", { recursive: true })
    const files = names.filter((name) => /rows(\.\d+)?\.jsonl(\.gz)?$/.test(name))
    return yield* Effect.forEach(files, (name) =>
      Effect.map(fs.readFile(`/tmp/${name}`), (bytes) => ({ name, bytes }))
    )
  })

  it.effect.each(["none", "gzip"] as const)(
    "FSK4, MAN2: with rotation, partitions, a manifest and compression %s",
    (compression) => {
      const options = {
        path: compression === "gzip" ? `${path}.gz` : path,
        format,
        compression,
        batchEvery: 0,
        batchRowsMax: 3,
        manifest: true,
        rotate: { rowsMax: 2 },
        partition: { by: (row: unknown) => String(row).split(":")[0]!, openFilesMax: 2 }
      } as const
      const recover = Effect.gen(function* () {
        const sink = yield* FileSink.make(options)
        // A row to each partition opens, and so recovers, its files.
        for (const partition of range(3)) yield* sink.offer(`${partition}:after`)
        yield* sink.finish
        const entries = yield* Manifest.read(Manifest.pathOf(options.path))
        return { files: yield* contents, entries }
      }).pipe(Effect.scoped, Effect.provide(Path.layer), quiet, Effect.orDie)
      return Effect.gen(function* () {
        const swept = yield* SimFileSystem.crashEverywhere(
          (acknowledge: SimFileSystem.Acknowledge<string>) =>
            Effect.gen(function* () {
              const sink = yield* FileSink.make(options)
              yield* produce(sink, acknowledge)
              yield* sink.finish
            }).pipe(Effect.scoped, Effect.provide(Path.layer), Effect.orDie),
          recover,
          ({ acknowledged, recovered: { entries, files } }) =>
            Effect.sync(() => {
              const there = files.flatMap(({ bytes, name }) => {
                const rows = rowsOf(
                  compression === "gzip"
                    ? gunzipSync(bytes).toString()
                    : Buffer.from(bytes).toString()
                )
                assert.isAtMost(rows.length, 2)
                const entry = entries.get(name)
                assert.deepStrictEqual(
                  [entry?.bytes, entry?.rows, entry?.sha256],
                  [bytes.length, rows.length, createHash("sha256").update(bytes).digest("hex")]
                )
                return rows
              })
              assert.strictEqual(new Set(there).size, there.length)
              for (const row of acknowledged) assert.include(there, row)
            }),
          isLong ? {} : { pointsMax: 20, seedsPerPoint: 1 }
        )
        assert.isAbove(swept.operations, 50)
      })
    }
  )

  it.effect("HOK5: a job that resumes from its checkpoint has every row exactly once", () => {
    const rows = range(9).map((index) => `${index}:${"x".repeat((index % 3) * 200)}`)
    const job = (acknowledge: SimFileSystem.Acknowledge<number>) =>
      Effect.gen(function* () {
        const { hook, last } = yield* Checkpoint.open({ path: "/tmp/state", schema: Schema.Int })
        const sink = yield* FileSink.make({
          path,
          format,
          batchEvery: 0,
          batchRowsMax: 2,
          rotate: { rowsMax: 4 },
          commit: hook
        })
        const from = Option.getOrElse(last, () => 0)
        yield* Effect.forEach(
          rows.slice(from),
          (row, index) =>
            Effect.andThen(sink.offerWith(row, from + index + 1), acknowledge(from + index + 1)),
          { concurrency: 3 }
        )
        yield* sink.finish
        return from
      }).pipe(Effect.scoped, Effect.provide(Path.layer), quiet, Effect.orDie)
    return SimFileSystem.crashEverywhere(
      job,
      Effect.andThen(
        job(() => Effect.void),
        contents
      ),
      ({ recovered }) =>
        Effect.sync(() => {
          const texts = recovered.map(({ bytes }) => Buffer.from(bytes).toString())
          assert.deepStrictEqual(rowsOf(texts.join("")), rows)
        }),
      isLong ? {} : { pointsMax: 40, seedsPerPoint: 1 }
    )
  })

  it.effect("MAN3: what the manifest lists is durable, also without fsync of commits", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const sink = yield* FileSink.make({
        path,
        format,
        fsync: "none",
        manifest: true,
        batchEvery: 0,
        rotate: { rowsMax: 2 }
      }).pipe(Effect.provide([disk.layer, Path.layer]))
      yield* Effect.forEach(range(5), (row) => sink.put(row))
      yield* sink.flush
      // The manifest is written after the rows are acknowledged, and before the next ones are taken.
      yield* Effect.andThen(sink.put(5), sink.flush)
      const { fileSystem } = yield* disk.crash("lost")
      const entries = yield* Effect.provideService(
        Manifest.read(Manifest.pathOf(path)),
        FileSystem.FileSystem,
        fileSystem
      )
      for (const { bytes, file } of entries.values()) {
        assert.strictEqual((yield* fileSystem.readFile(`/tmp/${file}`)).length, bytes)
      }
      assert.isAtLeast(entries.size, 1)
    })
  )

  it.effect(
    "HOK6: what is cut at opening stays cut, in files that are not written to any more",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make()
        const write = (on: SimFileSystem.SimFileSystem, row: string) =>
          Effect.gen(function* () {
            const { hook } = yield* Checkpoint.open({ path: "/tmp/state", schema: Schema.Int })
            const partition = { by: (row: unknown) => String(row)[0]! }
            const sink = yield* FileSink.make({
              path,
              format,
              partition,
              batchEvery: 0,
              commit: hook
            })
            yield* sink.offer(row)
            return sink
          }).pipe(Effect.provide([on.layer, Path.layer]))
        yield* Effect.scoped(write(disk, "a1"))
        const file = yield* disk.fileSystem.open("/tmp/a/rows.jsonl", { flag: "a" })
        yield* file.writeAll(new TextEncoder().encode('"a2, in no commit"\n'))
        yield* file.sync
        yield* write(disk, "b1")
        const { fileSystem } = yield* disk.crash("lost")
        assert.strictEqual(yield* fileSystem.readFileString("/tmp/a/rows.jsonl"), '"a1"\n')
      })
  )
})
