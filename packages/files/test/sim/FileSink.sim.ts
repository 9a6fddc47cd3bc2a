import { assert, describe } from "@effect/vitest"
import { SimFileSystem } from "@fibra/testing"
import { it } from "@fibra/testing/Vitest"
import { Effect, Exit, Fiber, FileSystem, Path, Random, Scope } from "effect"
import * as FileSink from "../../src/FileSink.ts"
import * as Format from "../../src/Format.ts"

// `FIBRA_SEEDS=5000` runs as many.
const seeds = { seeds: 30 }
const path = "/tmp/rows.jsonl"
const format = Format.raw
const range = (length: number) => Array.from({ length }, (_, index) => index)

const onDisk = (options?: SimFileSystem.Options) =>
  Effect.provide([SimFileSystem.layer(options), Path.layer])

const rowsOf = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return (yield* fs.readFileString(path)).split("\n").slice(0, -1)
})

/** One life of a sink: producers that offer and put, some of which are interrupted. */
const life = Effect.fnUntraced(function* (whenFull: FileSink.WhenFull) {
  const acknowledged: Array<string> = []
  const scope = yield* Scope.make()
  const sink = yield* FileSink.make({
    path,
    format,
    whenFull,
    batchEvery: ([undefined, 0, "5 millis"] as const)[yield* Random.nextIntBetween(0, 3)],
    batchRowsMax: yield* Random.nextIntBetween(1, 4),
    bufferRowsMax: yield* Random.nextIntBetween(1, 5),
    bufferBytesMax: yield* Random.nextIntBetween(1, 60)
  }).pipe(Scope.provide(scope))
  const produce = Effect.fnUntraced(function* (producer: number) {
    for (let index = 0; index < 8; index++) {
      const row = `${producer}:${index}:${"é".repeat(yield* Random.nextIntBetween(0, 8))}`
      if (yield* Random.nextBoolean) yield* sink.put(row)
      else yield* Effect.tap(sink.offer(row), () => Effect.sync(() => acknowledged.push(row)))
    }
  })
  const producers = yield* Effect.forEach(range(5), (id) =>
    Effect.forkChild(Effect.exit(produce(id)))
  )
  for (const fiber of producers) {
    yield* Effect.sleep(yield* Random.nextIntBetween(0, 20))
    if (yield* Random.nextBoolean) yield* Fiber.interrupt(fiber)
  }
  yield* Fiber.awaitAll(producers)
  const ending = yield* Random.nextBoolean
  const finished = ending ? yield* Effect.exit(sink.finish) : undefined
  yield* Scope.close(scope, Exit.void)
  const counts = yield* sink.snapshot
  const { dropped, duplicates, pending, received, rejected, written } = counts
  assert.strictEqual(received, written + rejected + dropped + duplicates + pending)
  return { acknowledged, finished, counts }
})

const check = Effect.fnUntraced(function* ({
  acknowledged,
  counts
}: Effect.Success<ReturnType<typeof life>>) {
  const rows = yield* rowsOf
  assert.strictEqual(rows.length, counts.written)
  assert.strictEqual(new Set(rows).size, rows.length)
  for (const row of acknowledged) assert.include(rows, row)
  const latest = new Map<string, number>()
  for (const [producer, index] of rows.map((row) => row.split(":"))) {
    assert.isAbove(Number(index), latest.get(producer!) ?? -1)
    latest.set(producer!, Number(index))
  }
})

describe("FileSink in many orders", () => {
  it.sim(
    "FSK9: each row is there once, in order, and all that were acknowledged: wait",
    () =>
      Effect.gen(function* () {
        const result = yield* life("wait")
        assert.isTrue(result.finished === undefined || Exit.isSuccess(result.finished))
        assert.strictEqual(result.counts.pending, 0)
        yield* check(result)
      }).pipe(onDisk()),
    seeds
  )

  it.sim.each(["drop", "spill"] as const)(
    "FSK9: … with a full buffer: %s",
    (whenFull) =>
      Effect.gen(function* () {
        const result = yield* life(whenFull)
        assert.strictEqual(result.counts.pending, 0)
        yield* check(result)
      }).pipe(onDisk()),
    seeds
  )

  it.sim(
    "FSK9: … on a disk that takes parts of writes, and is full in the end",
    () =>
      Effect.gen(function* () {
        const faults = [
          {
            on: ({ kind }: SimFileSystem.Operation) => kind === "write",
            nth: 1,
            count: 1000,
            bytesMax: 7
          }
        ]
        const capacityBytes = yield* Random.nextIntBetween(0, 300)
        yield* Effect.andThen(life("wait"), check).pipe(onDisk({ capacityBytes, faults }))
      }),
    seeds
  )

  it.sim(
    "FSK10: on a slow disk producers wait, and no more than the buffer is in memory",
    () =>
      Effect.gen(function* () {
        const bufferRowsMax = 10
        const sink = yield* FileSink.make({ path, format, bufferRowsMax, batchRowsMax: 4 })
        let most = 0
        const produce = (row: number) =>
          Effect.gen(function* () {
            yield* sink.put(String(row))
            most = Math.max(most, (yield* sink.snapshot).pending)
          })
        yield* Effect.forEach(range(60), produce, { concurrency: 20, discard: true })
        yield* sink.finish
        assert.strictEqual(most, bufferRowsMax)
        assert.strictEqual((yield* rowsOf).length, 60)
      }).pipe(onDisk({ latency: "100 millis" })),
    seeds
  )

  it.sim(
    "FSK10: … and with drop nobody waits, and received = written + dropped",
    () =>
      Effect.gen(function* () {
        const sink = yield* FileSink.make({ path, format, bufferRowsMax: 10, whenFull: "drop" })
        const put = (row: number) => Effect.exit(sink.put(String(row)))
        const exits = yield* Effect.forEach(range(60), put, { concurrency: 20 })
        yield* sink.finish
        const { dropped, received, written } = yield* sink.snapshot
        assert.deepStrictEqual([received, written + dropped], [60, 60])
        assert.strictEqual(exits.filter(Exit.isFailure).length, dropped)
        assert.strictEqual((yield* rowsOf).length, written)
        assert.isAtLeast(dropped, 1)
      }).pipe(onDisk({ latency: "100 millis" })),
    seeds
  )
})
