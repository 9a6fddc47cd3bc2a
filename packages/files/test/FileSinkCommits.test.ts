import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, FileSystem, Latch, Logger, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Checkpoint from "../src/Checkpoint.ts"
import * as FileSink from "../src/FileSink.ts"
import * as Format from "../src/Format.ts"
import { freshPath, noSpace, readRows, watched } from "./support/watchedFiles.ts"

const format = Format.raw
const files = Effect.provide(watched([]))
const quiet = Effect.provide(Logger.layer([]))
const inBackground = Effect.forkChild({ startImmediately: true })
const range = (length: number) => Array.from({ length }, (_, index) => index)

/** A disk whose writes to the rows wait for `gate`, and that writes down what was done. */
const gated = () => {
  const gate = Latch.makeUnsafe(false)
  const log: Array<string> = []
  const layer = watched(log, {
    before: (operation, name) =>
      operation === "write" && name === "rows.jsonl" ? gate.await : Effect.void
  })
  return { gate, log, files: Effect.provide(layer) }
}

describe("FileSink commits", () => {
  it.effect.each([
    ["none", []],
    ["batch", ["sync rows.jsonl"]]
  ] as const)("CMT1: with fsync %s an acknowledgement comes after %j", ([fsync, syncs]) => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format, fsync, batchEvery: 0 })
      yield* sink.offer("a")
      assert.deepStrictEqual(
        log.filter((line) => line === "sync rows.jsonl"),
        [...syncs]
      )
    }).pipe(Effect.provide(watched(log)))
  })

  it.effect("CMT2: with fsync always each row is a commit of its own", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format, fsync: "always" })
      yield* Effect.forEach(range(3), (row) => sink.put(String(row)))
      yield* sink.finish
      const steps = log.filter((line) => line.endsWith("rows.jsonl"))
      const each = ["write rows.jsonl", "sync rows.jsonl"]
      assert.deepStrictEqual(steps, [...each, ...each, ...each])
      assert.strictEqual((yield* sink.snapshot).commits, 3)
    }).pipe(Effect.provide(watched(log)))
  })

  it.effect("CMT3: with an interval, what is committed is synced that much later, once", () => {
    const log: Array<string> = []
    const syncs = () => log.filter((line) => line === "sync rows.jsonl").length
    return Effect.gen(function* () {
      const path = yield* freshPath
      const fsync = { interval: "1 second" } as const
      const sink = yield* FileSink.make({ path, format, fsync, batchEvery: 0 })
      yield* sink.offer("a")
      yield* TestClock.adjust("600 millis")
      yield* sink.offer("b")
      assert.strictEqual(syncs(), 0)
      yield* TestClock.adjust("400 millis")
      yield* Effect.repeat(Effect.yieldNow, { until: () => syncs() > 0 })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(syncs(), 1)
    }).pipe(Effect.provide(watched(log)))
  })

  it.effect("CMT4: a group is committed when it has batchRowsMax rows, or when it is flushed", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format, batchRowsMax: 2, batchEvery: "1 hour" })
      for (const row of ["a", "b", "c"]) yield* sink.put(row)
      yield* Effect.repeat(sink.snapshot, { until: ({ written }) => written === 2 })
      yield* sink.flush
      assert.deepStrictEqual(yield* readRows(path), ["a", "b", "c"])
      assert.strictEqual((yield* sink.snapshot).commits, 2)
      yield* sink.flush
    }).pipe(files)
  )

  it.effect("CMT7: a row that somebody waits for is committed without waiting for others", () =>
    Effect.gen(function* () {
      const sink = yield* FileSink.make({ path: yield* freshPath, format })
      yield* sink.put("nobody waits")
      yield* sink.offer("somebody waits")
      const { commits, written } = yield* sink.snapshot
      assert.deepStrictEqual([commits, written], [1, 2])
    }).pipe(files)
  )

  it.effect("CMT7: what comes while a commit is under way goes into the next one", () => {
    const { files, gate } = gated()
    return Effect.gen(function* () {
      const sink = yield* FileSink.make({ path: yield* freshPath, format })
      const first = yield* inBackground(sink.offer("first"))
      yield* Effect.repeat(Effect.yieldNow, { times: 10 })
      const others = yield* Effect.forEach(range(20), (row) =>
        inBackground(sink.offer(String(row)))
      )
      yield* gate.open
      yield* Fiber.joinAll([first, ...others])
      assert.strictEqual((yield* sink.snapshot).commits, 2)
    }).pipe(files)
  })

  it.effect("CMT7: with batchEvery it is given that much time", () =>
    Effect.gen(function* () {
      const sink = yield* FileSink.make({ path: yield* freshPath, format, batchEvery: "1 hour" })
      const waiting = yield* inBackground(sink.offer("somebody waits"))
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual((yield* sink.snapshot).written, 0)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(waiting)
      assert.strictEqual((yield* sink.snapshot).written, 1)
    }).pipe(files)
  )

  it.effect("CMT5: with a stuck disk rows that do not fit are dropped, and the sum holds", () => {
    const { files, gate } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format, bufferRowsMax: 3, whenFull: "drop" })
      const exits = yield* Effect.forEach(range(10), (row) => Effect.exit(sink.put(String(row))))
      assert.strictEqual(exits.filter(Exit.isFailure).length, 7)
      const error = yield* Effect.flip(sink.offer("more"))
      assert.strictEqual(error._tag, "RowDropped")
      yield* gate.open
      yield* sink.finish
      const { dropped, received, written } = yield* sink.snapshot
      assert.deepStrictEqual([received, written, dropped], [11, 3, 8])
      assert.deepStrictEqual(yield* readRows(path), ["0", "1", "2"])
    }).pipe(files)
  })

  it.effect("SPL1: with a stuck disk rows spill to a file, and come back in order", () => {
    const { files, gate } = gated()
    return Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const sink = yield* FileSink.make({
        path,
        format,
        batchRowsMax: 2,
        bufferRowsMax: 4,
        whenFull: "spill",
        partition: { by: (row) => `p${Number(row) % 2}` }
      })
      yield* Effect.forEach(range(100), (row) => sink.put(String(row)))
      assert.strictEqual((yield* sink.snapshot).pending, 100)
      assert.isAbove(Number((yield* fs.stat(`${path}.spill`)).size), 200)
      yield* gate.open
      yield* sink.finish
      const folder = path.slice(0, -"rows.jsonl".length)
      const even = range(50).map((row) => String(2 * row))
      assert.deepStrictEqual(yield* readRows(`${folder}p0/rows.jsonl`), even)
      assert.deepStrictEqual(yield* fs.readDirectory(folder), ["p0", "p1"])
    }).pipe(files)
  })

  it.effect("SPL2: when the spill file is full, producers wait", () => {
    const { files, gate } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const limits = { batchRowsMax: 1, bufferRowsMax: 2, spillBytesMax: 50 }
      const sink = yield* FileSink.make({ path, format, whenFull: "spill", ...limits })
      const producers = yield* Effect.forEach(range(20), (row) =>
        inBackground(sink.put(String(row)))
      )
      yield* Effect.repeat(Effect.andThen(Effect.yieldNow, sink.snapshot), {
        until: ({ received }) => received > 6
      })
      yield* Effect.forEach(range(100), () => Effect.yieldNow)
      assert.isBelow((yield* sink.snapshot).received, 12)
      yield* gate.open
      yield* Fiber.joinAll(producers)
      yield* sink.finish
      assert.deepStrictEqual(yield* readRows(path), range(20).map(String))
    }).pipe(files)
  })

  it.effect(
    "SPL3: when the spill file cannot be written, producers wait, and the log says so",
    () => {
      const gate = Latch.makeUnsafe(false)
      const messages: Array<string> = []
      const logger = Logger.make(({ message }) => void messages.push(String(message)))
      const layer = watched([], {
        before: (operation, name) =>
          operation !== "write"
            ? Effect.void
            : name === "rows.jsonl"
              ? gate.await
              : Effect.fail(noSpace())
      })
      return Effect.gen(function* () {
        const path = yield* freshPath
        const limits = { batchRowsMax: 1, bufferRowsMax: 2 }
        const sink = yield* FileSink.make({ path, format, whenFull: "spill", ...limits })
        const producers = yield* Effect.forEach(range(5), (row) =>
          inBackground(sink.put(String(row)))
        )
        yield* Effect.repeat(Effect.yieldNow, { until: () => messages.length > 0 })
        assert.include(messages[0], "takes no more, producers wait instead: ENOSPC")
        yield* gate.open
        yield* Fiber.joinAll(producers)
        yield* sink.finish
        assert.deepStrictEqual(yield* readRows(path), range(5).map(String))
      }).pipe(Effect.provide([Logger.layer([logger]), layer]))
    }
  )

  it.effect(
    "CMT6: an interrupted offer that waits for room is not written; one that is in is",
    () => {
      const { files, gate } = gated()
      return Effect.gen(function* () {
        const path = yield* freshPath
        const sink = yield* FileSink.make({ path, format, bufferRowsMax: 1, batchEvery: 0 })
        const inside = yield* inBackground(sink.offer("inside"))
        const outside = yield* inBackground(sink.offer("outside"))
        const last = yield* inBackground(sink.offer("last"))
        yield* Fiber.interrupt(inside)
        yield* Fiber.interrupt(outside)
        yield* gate.open
        yield* Fiber.join(last)
        assert.deepStrictEqual(yield* readRows(path), ["inside", "last"])
      }).pipe(files)
    }
  )
})

describe("FileSink unique", () => {
  const by = (row: string) => row.split(":")[0]!

  it.effect("UNQ1: a row whose key is there already is acknowledged and not written again", () => {
    const { files, gate } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* FileSink.make({ path, format, batchEvery: 0, unique: { by } })
      const first = yield* inBackground(sink.offer("a:1"))
      const again = yield* inBackground(sink.offer("a:2"))
      yield* Effect.yieldNow
      assert.isUndefined(again.pollUnsafe())
      yield* gate.open
      assert.deepStrictEqual(yield* Fiber.join(again), yield* Fiber.join(first))
      assert.deepStrictEqual(yield* sink.offer("a:3"), { path, bytes: 4, rows: 1 })
      assert.deepStrictEqual(yield* readRows(path), ["a:1"])
      const { duplicates, received, written } = yield* sink.snapshot
      assert.deepStrictEqual([received, written, duplicates], [3, 1, 2])
    }).pipe(files)
  })

  it.effect.each([
    ["one file", {}],
    ["compressed, rotated files", { compression: "gzip", rotate: { rowsMax: 2 } }],
    ["partitions", { partition: { by: (row: string) => `p${row.length}` } }]
  ] as const)("UNQ2: keys of earlier sinks are known: %s", ([, options]) =>
    Effect.gen(function* () {
      const path = `${yield* freshPath}.z`
      const write = (rows: ReadonlyArray<string>) =>
        Effect.scoped(
          Effect.gen(function* () {
            const sink = yield* FileSink.make({ path, format, unique: { by }, ...options })
            yield* Effect.forEach(rows, sink.put)
            yield* sink.finish
            return (yield* sink.snapshot).duplicates
          })
        )
      assert.strictEqual(yield* write(["a:1", "b:1", "c:1", "d:12", "e:1"]), 0)
      assert.strictEqual(yield* write(["e:2", "f:1", "a:2", "d:2", "f:2"]), 4)
    }).pipe(files)
  )

  it.effect("UNQ3: keysMax keys are remembered, the latest ones", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, "a:1\nb:1\nc:1\n")
      const unique = { by, keysMax: 2 }
      const sink = yield* FileSink.make({ path, format, unique })
      yield* Effect.forEach(["b:2", "c:2", "a:2", "b:3"], sink.put)
      yield* sink.finish
      assert.deepStrictEqual(yield* readRows(path), ["a:1", "b:1", "c:1", "a:2", "b:3"])
    }).pipe(files)
  )
})

describe("FileSink commit hook", () => {
  const schema = Schema.Int

  it.effect("HOK1: marks are saved with their rows, in order, and can be saved alone", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const saved: Array<FileSink.Commit<number>> = []
      const commit: FileSink.CommitHook<number> = {
        load: Effect.undefined,
        save: (commit) => Effect.sync(() => void saved.push(commit))
      }
      const sink = yield* FileSink.make({ path, format, batchEvery: 0, commit })
      yield* Effect.all([sink.offerWith("a", 1), sink.offerWith("b", 2), sink.offer("c")], {
        concurrency: "unbounded"
      })
      yield* sink.mark(3)
      const at = (rows: number) => ({ "rows.jsonl": { bytes: 2 * rows, rows } })
      assert.deepStrictEqual(saved, [
        { lengths: at(0), marks: [], rows: 0 },
        { lengths: at(3), marks: [1, 2], rows: 3 },
        { lengths: at(3), marks: [3], rows: 0 }
      ])
    }).pipe(files)
  )

  it.effect("HOK1: a mark that is put is saved with what comes soon after it", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const saved: Array<ReadonlyArray<number>> = []
      const commit: FileSink.CommitHook<number> = {
        load: Effect.undefined,
        save: ({ marks }) => Effect.sync(() => void saved.push(marks))
      }
      const options = { path, format, batchRowsMax: 2, bufferRowsMax: 2, whenFull: "drop" } as const
      const sink = yield* FileSink.make({ ...options, commit })
      yield* Effect.forEach([1, 2, 3, 4, 5], sink.putMark, { concurrency: "unbounded" })
      yield* sink.flush
      assert.deepStrictEqual(saved, [[], [1, 2], [3, 4], [5]])
      yield* sink.finish
      assert.strictEqual((yield* Effect.flip(sink.putMark(6)))._tag, "SinkFailed")
    }).pipe(files)
  )

  it.effect("HOK2: when saving fails the rows are taken back, and all producers are told", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      let isFull = false
      const commit: FileSink.CommitHook<number> = {
        load: Effect.undefined,
        save: () => Effect.suspend(() => (isFull ? Effect.fail("no space") : Effect.void))
      }
      const sink = yield* FileSink.make({ path, format, batchEvery: 0, commit })
      yield* sink.offer("kept")
      isFull = true
      const error = yield* Effect.flip(sink.offer("lost"))
      assert.strictEqual(
        error.message,
        `cannot save the commit of ${path}: no space; 1 row is whole in ${path}`
      )
      assert.deepStrictEqual(yield* readRows(path), ["kept"])
    }).pipe(files)
  )

  it.effect("HOK3: rows that no saved commit knows of are cut, also in files that follow", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const at = (number: number) => path.replace("rows", `rows.00000${number}`)
      const state = `${path}.state`
      const write = (rows: ReadonlyArray<string>) =>
        Effect.scoped(
          Effect.gen(function* () {
            const { hook, last } = yield* Checkpoint.open({ path: state, schema })
            const rotate = { rowsMax: 2 }
            const sink = yield* FileSink.make({ path, format, rotate, commit: hook })
            yield* Effect.forEach(rows, (row, index) => sink.putWith(row, index))
            yield* sink.finish
            return last
          })
        )
      yield* write(["a", "b", "c"])
      // As a crash leaves it that came before the commit was saved.
      yield* fs.writeFileString(at(2), "d\n", { flag: "a" })
      yield* fs.writeFileString(at(3), "e\n")
      assert.deepStrictEqual(yield* write(["f", "g"]), yield* Effect.succeedSome(2))
      assert.deepStrictEqual(yield* readRows(at(2)), ["c", "f"])
      assert.deepStrictEqual(yield* readRows(at(3)), ["g"])
    }).pipe(files, quiet)
  )

  it.effect("HOK4: a file that is shorter than what was committed is not opened", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, "a\n")
      const lengths = { "rows.jsonl": { bytes: 4, rows: 2 } }
      const commit = { load: Effect.succeed(lengths), save: () => Effect.void }
      const error = yield* Effect.flip(FileSink.make({ path, format, commit }))
      assert.include(error.message, "it is shorter than the 4 bytes that were committed")
      assert.deepStrictEqual(yield* readRows(path), ["a"])
    }).pipe(files)
  )
})
