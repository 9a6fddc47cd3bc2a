import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, FileSystem, Random, Scope } from "effect"
import * as JsonlSink from "../../src/JsonlSink.ts"
import { freshPath, type Hooks, noSpace, readRows, watched } from "../support/watchedFiles.ts"

/** A disk that yields at random, takes random parts of writes, and is full after some of them. */
const moodyDisk = (int: (min: number, max: number) => number): Hooks => {
  let writesLeft = int(1, 60)
  return {
    before: (operation) =>
      operation === "write" && writesLeft-- === 0
        ? Effect.fail(noSpace())
        : Effect.forEach(Array.from({ length: int(0, 3) }), () => Effect.yieldNow, {
            discard: true
          }),
    takes: (bytes) => int(1, bytes.length)
  }
}

/** One life of a sink; returns the rows whose offer succeeded, and what became of the sink. */
const life = Effect.fnUntraced(function* (path: string, int: (min: number, max: number) => number) {
  const done: Array<string> = []
  const scope = yield* Scope.make()
  const sink = yield* Scope.provide(
    JsonlSink.make({
      path,
      bufferRowsMax: int(1, 5),
      bufferBytesMax: int(1, 60),
      batchBytesMax: int(1, 40)
    }),
    scope
  )
  const produce = Effect.fnUntraced(function* (producer: number) {
    for (let row = 0; row < 10; row++) {
      const line = `"${producer}:${row}:${"é".repeat(int(0, 8))}"`
      yield* Effect.tap(sink.offerLine(line), () => Effect.sync(() => done.push(line)))
      if (int(0, 2) === 0) yield* Effect.yieldNow
    }
  })
  const producers = yield* Effect.forEach(
    Array.from({ length: 8 }, (_, id) => id),
    (id) => Effect.forkChild(Effect.exit(produce(id)))
  )
  for (const fiber of producers) {
    for (let turn = int(0, 20); turn > 0; turn--) yield* Effect.yieldNow
    if (int(0, 2) === 0) yield* Fiber.interrupt(fiber)
  }
  yield* Fiber.awaitAll(producers)
  const finished = int(0, 2) === 0 ? undefined : yield* Effect.exit(sink.finish)
  yield* Scope.close(scope, Exit.void)
  const counts = yield* sink.snapshot
  assert.strictEqual(counts.rowsOffered, counts.rowsWritten + counts.rowsBuffered)
  return { done, finished, counts }
})

const order = (rows: ReadonlyArray<string>) =>
  rows.map((row) =>
    row
      .split(":")
      .slice(0, 2)
      .map((part) => Number(part.replace('"', "")))
  )

describe("JsonlSink under random producers and disks", () => {
  it.effect.each(Array.from({ length: 100 }, (_, seed) => seed))("SNK36: seed %d", (seed) =>
    Effect.gen(function* () {
      const random = yield* Random.Random.pipe(Random.withSeed(`sink ${seed}`))
      const int = (min: number, max: number) =>
        min + Math.floor(random.nextDoubleUnsafe() * (max - min + 1))
      const disk = watched([], moodyDisk(int))
      yield* Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        const { counts, done, finished } = yield* life(path, int)
        const published = finished !== undefined && Exit.isSuccess(finished)
        const holder = published ? path : `${path}.partial`
        assert.strictEqual(yield* fs.exists(path), published)
        const rows = (yield* fs.exists(holder)) ? yield* readRows(holder) : []
        assert.strictEqual(rows.length, counts.rowsWritten)
        assert.strictEqual(new Set(rows).size, rows.length)
        const latest = new Map<number, number>()
        for (const [producer, row] of order(rows) as Array<[number, number]>) {
          assert.isAbove(row, latest.get(producer) ?? -1)
          latest.set(producer, row)
        }
        if (counts.rowsBuffered > 0) return
        const there = new Set(rows)
        assert.deepStrictEqual(
          done.filter((row) => !there.has(row)),
          []
        )
      }).pipe(Effect.provide(disk))
    })
  )
})
