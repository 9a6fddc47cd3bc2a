import { assert, describe, it } from "@effect/vitest"
import { SimFileSystem } from "@fibra/testing"
import { Effect, FileSystem, Logger, Path } from "effect"
import * as FileSink from "../../src/FileSink.ts"
import * as Format from "../../src/Format.ts"

const path = "/tmp/rows.jsonl"
const format = Format.jsonl
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
          { disk: { sectorBytes } }
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
})
