import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, FileSystem, Latch, Scope } from "effect"
import * as FileSink from "../src/FileSink.ts"
import * as Format from "../src/Format.ts"
import { freshPath, readRows, watched } from "./support/watchedFiles.ts"

const format = Format.jsonl
const files = Effect.provide(watched([]))
const inBackground = Effect.forkChild({ startImmediately: true })
const range = (length: number) => Array.from({ length }, (_, index) => index)

/** A disk whose writes wait for `gate`, and that writes down what was done. */
const gated = () => {
  const gate = Latch.makeUnsafe(false)
  const log: Array<string> = []
  const layer = watched(log, {
    before: (operation) => (operation === "write" ? gate.await : Effect.void)
  })
  return { gate, log, files: Effect.provide(layer) }
}

describe("FileSink", () => {
  it.effect("FSK1: rows of 50 producers are whole, once each, and in each one's order", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({
        path,
        format,
        fsync: "none",
        bufferRowsMax: 7,
        batchBytesMax: 64
      })
      const produce = (producer: number) =>
        Effect.forEach(range(40), (index) =>
          Effect.andThen(sink.put({ producer, index }), Effect.yieldNow)
        )
      yield* Effect.forEach(range(50), produce, { concurrency: "unbounded", discard: true })
      assert.strictEqual((yield* sink.finish).rows, 2000)
      const next = new Map<number, number>()
      for (const { producer, index } of (yield* readRows(path)).map((line) => JSON.parse(line))) {
        assert.strictEqual(index, next.get(producer) ?? 0)
        next.set(producer, index + 1)
      }
      assert.deepStrictEqual(
        [...next.values()],
        range(50).map(() => 40)
      )
    }).pipe(files)
  )

  it.effect(
    "FSK2: offers return after the fsync of their group, with where the file then ends",
    () => {
      const { files, gate, log } = gated()
      return Effect.gen(function* () {
        const path = yield* freshPath
        const sink = yield* FileSink.make({ path, format, batchEvery: 0 })
        const offers = yield* Effect.forEach(range(3), (row) =>
          inBackground(Effect.tap(sink.offer(row), () => Effect.sync(() => log.push("ack"))))
        )
        yield* gate.open
        const acks = yield* Fiber.joinAll(offers)
        assert.deepStrictEqual(
          acks,
          range(3).map(() => ({ path, bytes: 6, rows: 3 }))
        )
        assert.deepStrictEqual(log.slice(0, 2), ["write rows.jsonl", "sync rows.jsonl"])
        assert.deepStrictEqual(log.slice(3), ["ack", "ack", "ack"])
        assert.deepStrictEqual(yield* readRows(path), ["0", "1", "2"])
      }).pipe(files)
    }
  )

  it.effect("FSK3: a second sink goes on where the first ended, and cuts a torn row", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const scope = yield* Scope.make()
      const first = yield* Scope.provide(FileSink.make({ path, format }), scope)
      yield* first.put("one")
      yield* Scope.close(scope, Exit.void)
      yield* fs.writeFileString(path, '"torn', { flag: "a" })
      const second = yield* FileSink.make({ path, format, batchEvery: 0 })
      assert.deepStrictEqual(second.recovered, { path, bytes: 6, rows: 1 })
      assert.deepStrictEqual(yield* second.offer("two"), { path, bytes: 12, rows: 2 })
      assert.deepStrictEqual(yield* readRows(path), ['"one"', '"two"'])
    }).pipe(files)
  )
})
