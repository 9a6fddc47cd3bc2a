import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, FileSystem, Latch, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as FileSink from "../src/FileSink.ts"
import * as JsonlSink from "../src/JsonlSink.ts"
import { freshPath, readRows, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))

/** A disk on which each write waits for `gate`. */
const gated = () => {
  const gate = Latch.makeUnsafe(false)
  const started = Latch.makeUnsafe(false)
  const log: Array<string> = []
  const layer = watched(log, {
    before: (operation) =>
      operation === "write" ? Effect.andThen(started.open, gate.await) : Effect.void
  })
  return { gate, started, log, files: Effect.provide(layer) }
}

const inBackground = Effect.forkChild({ startImmediately: true })

describe("JsonlSink rows", () => {
  it.effect("SNK1, SNK2: rows of 50 producers are whole, once each, and in each one's order", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, bufferRowsMax: 7, batchBytesMax: 64 })
      const produce = (producer: number) =>
        Effect.forEach(
          Array.from({ length: 40 }, (_, index) => ({ producer, index })),
          (row) => Effect.andThen(sink.offer(row), Effect.yieldNow),
          { discard: true }
        )
      yield* Effect.forEach(
        Array.from({ length: 50 }, (_, id) => id),
        produce,
        {
          concurrency: "unbounded",
          discard: true
        }
      )
      assert.strictEqual((yield* sink.finish).rows, 2000)
      const rows = (yield* readRows(path)).map((line) => JSON.parse(line))
      assert.strictEqual(rows.length, 2000)
      const next = new Map<number, number>()
      for (const { producer, index } of rows) {
        assert.strictEqual(index, next.get(producer) ?? 0)
        next.set(producer, index + 1)
      }
      assert.deepStrictEqual(new Set(next.values()), new Set([40]))
    }).pipe(files)
  )

  it.effect("SNK3: numbers, spaces and characters outside ASCII come out as they went in", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, batchBytesMax: 16 })
      const lines = ['{ "price" : 1.50 }', '"zażółć 日本 🦉"', "12345678901234567890", '"a\u2028b"']
      yield* Effect.forEach(lines, (line) => sink.offerLine(line))
      yield* sink.offer({ owl: "🦉", nothing: null })
      const { bytes, rows } = yield* sink.finish
      const fs = yield* FileSystem.FileSystem
      const text = [...lines, '{"owl":"🦉","nothing":null}', ""].join("\n")
      assert.strictEqual(yield* fs.readFileString(path), text)
      assert.deepStrictEqual({ bytes, rows }, { bytes: Buffer.byteLength(text), rows: 5 })
    }).pipe(files)
  )

  const cyclic: Record<string, unknown> = {}
  cyclic["self"] = cyclic
  it.effect.each([
    ["a line break", "line break inside", (sink: JsonlSink.JsonlSink) => sink.offerLine("1\n2")],
    ["a blank line", "blank line", (sink: JsonlSink.JsonlSink) => sink.offerLine(" \t")],
    [
      "half a character",
      "lone surrogate",
      (sink: JsonlSink.JsonlSink) => sink.offerLine('"\ud83e"')
    ],
    ["nothing", "not JSON", (sink: JsonlSink.JsonlSink) => sink.offer(undefined as never)],
    ["a big integer", "not JSON", (sink: JsonlSink.JsonlSink) => sink.offer(1n as never)],
    ["a cycle", "not JSON", (sink: JsonlSink.JsonlSink) => sink.offer(cyclic as never)]
  ] as const)("SNK4: %s is refused, and the rows around it are written", ([, reason, offer]) =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path })
      yield* sink.offer("before")
      const error = yield* Effect.flip(offer(sink))
      assert.strictEqual(error._tag, "RowNotEncodable")
      assert.strictEqual(error._tag === "RowNotEncodable" && error.reason, reason)
      yield* sink.offer("after")
      yield* sink.finish
      assert.deepStrictEqual(yield* readRows(path), ['"before"', '"after"'])
    }).pipe(files)
  )

  it.effect("SNK5, SNK9: with a stuck disk 3 of 10 offers are in, and the others wait", () => {
    const { files, gate } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, bufferRowsMax: 3 })
      const producers = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, id) => id),
        (id) => inBackground(sink.offer(id))
      )
      const waiting = { rowsOffered: 3, rowsWritten: 0, bytesWritten: 0, rowsBuffered: 3 }
      assert.deepStrictEqual(yield* sink.snapshot, waiting)
      yield* gate.open
      yield* Fiber.joinAll(producers)
      yield* sink.finish
      const written = { rowsOffered: 10, rowsWritten: 10, bytesWritten: 20, rowsBuffered: 0 }
      assert.deepStrictEqual(yield* sink.snapshot, written)
    }).pipe(files)
  })

  it.effect(
    "SNK5: bytes are bounded too, and a row longer than the bound still goes through",
    () => {
      const { files, gate } = gated()
      return Effect.gen(function* () {
        const path = yield* freshPath
        const sink = yield* JsonlSink.make({ path, bufferBytesMax: 20 })
        const long = "x".repeat(100)
        yield* sink.offer("12345")
        const second = yield* inBackground(sink.offer(long))
        const third = yield* inBackground(sink.offer("67890"))
        assert.strictEqual((yield* sink.snapshot).rowsOffered, 1)
        yield* gate.open
        yield* Fiber.joinAll([second, third])
        yield* sink.finish
        assert.deepStrictEqual(yield* readRows(path), ['"12345"', `"${long}"`, '"67890"'])
      }).pipe(files)
    }
  )

  it.effect("SNK5: written rows give their room back", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, bufferBytesMax: 8, bufferRowsMax: 2 })
      for (let row = 0; row < 10; row++) yield* sink.offer(row)
      yield* TestClock.adjust("100 millis")
      yield* Effect.repeat(Effect.andThen(Effect.yieldNow, sink.snapshot), {
        until: ({ rowsWritten }) => rowsWritten === 10
      })
      // Both are in at once: by the clock of the test, nothing is written before flushEvery.
      yield* sink.offer(1)
      yield* sink.offer(2)
      assert.strictEqual((yield* sink.snapshot).rowsBuffered, 2)
    }).pipe(files)
  )

  it.effect(
    "SNK6: an offer interrupted in the line leaves no row, and those behind it get in",
    () => {
      const { files, gate } = gated()
      return Effect.gen(function* () {
        const path = yield* freshPath
        const sink = yield* JsonlSink.make({ path, bufferRowsMax: 1 })
        yield* sink.offer("first")
        const gone = yield* inBackground(sink.offer("gone"))
        const last = yield* inBackground(sink.offer("last"))
        yield* Fiber.interrupt(gone)
        yield* gate.open
        yield* Fiber.join(last)
        yield* sink.finish
        assert.deepStrictEqual(yield* readRows(path), ['"first"', '"last"'])
      }).pipe(files)
    }
  )

  it.effect(
    "SNK6: when a long row gives up its place, a short one behind it gets in at once",
    () => {
      const { files, gate } = gated()
      return Effect.gen(function* () {
        const path = yield* freshPath
        const sink = yield* JsonlSink.make({ path, bufferBytesMax: 20 })
        yield* sink.offer("first")
        const long = yield* inBackground(sink.offer("x".repeat(100)))
        const short = yield* inBackground(sink.offer("short"))
        yield* Fiber.interrupt(long)
        yield* Fiber.join(short)
        yield* gate.open
      }).pipe(files)
    }
  )

  it.effect("SNK7: each batch is one write, and a row longer than a batch is one too", () => {
    const { files, gate, log } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, batchBytesMax: 10 })
      // Two rows of 5 bytes fill a batch; "row3" does not fit beside the next; a long one is alone.
      for (const line of ["1111", "2222", "3333", '"long enough"', "4444"])
        yield* sink.offerLine(line)
      yield* gate.open
      yield* sink.finish
      assert.strictEqual(log.filter((step) => step === "write rows.jsonl.partial").length, 4)
      assert.deepStrictEqual(yield* readRows(path), [
        "1111",
        "2222",
        "3333",
        '"long enough"',
        "4444"
      ])
    }).pipe(files)
  })

  it.effect("SNK8: a lone row is written after flushEvery, and not before", () => {
    const { files, gate, started } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, flushEvery: "250 millis" })
      yield* gate.open
      yield* sink.offer("lone")
      yield* TestClock.adjust("249 millis")
      assert.isFalse(Latch.isOpen(started))
      yield* TestClock.adjust("1 millis")
      yield* started.await
    }).pipe(files)
  })

  it.effect.each([
    ["bufferRowsMax", 0],
    ["bufferBytesMax", 1.5],
    ["batchBytesMax", Number.NaN]
  ] as const)("SNK10: %s %d is a defect", ([limit, value]) =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const exit = yield* Effect.exit(JsonlSink.make({ path, [limit]: value }))
      assert.deepStrictEqual(
        exit,
        Exit.die(
          new FileSink.WrongOption({
            option: limit,
            reason: `is ${value}; give a whole number of at least 1`
          })
        )
      )
    }).pipe(files)
  )
})

describe("JsonlSink publishing", () => {
  it.effect("SNK11: readers see the old file until finish, then the new one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, '"old"\n')
      const sink = yield* JsonlSink.make({ path })
      yield* sink.offer("new")
      assert.deepStrictEqual(yield* readRows(path), ['"old"'])
      yield* sink.finish
      assert.deepStrictEqual(yield* readRows(path), ['"new"'])
      assert.isFalse(yield* fs.exists(`${path}.partial`))
    }).pipe(files)
  )

  it.effect("SNK12: write, fsync, rename, fsync of the directory", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path })
      yield* sink.offer(1)
      yield* sink.finish
      const folder = path.split("/").at(-2)
      assert.deepStrictEqual(log, [
        "write rows.jsonl.partial",
        "sync rows.jsonl.partial",
        "rename rows.jsonl",
        `sync ${folder}`
      ])
    }).pipe(Effect.provide(watched(log)))
  })

  it.effect("SNK13: finish twice at once and once later, then an offer", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path })
      yield* sink.offer(1)
      const both = yield* Effect.all([sink.finish, sink.finish], { concurrency: 2 })
      const result = { path, rows: 1, bytes: 2 }
      assert.deepStrictEqual([...both, yield* sink.finish], [result, result, result])
      const error = yield* Effect.flip(sink.offer(2))
      assert.strictEqual(error._tag === "SinkFailed" && error.operation, "offer")
      assert.deepStrictEqual(yield* readRows(path), ["1"])
    }).pipe(files)
  )

  it.effect("SNK14: an offer that waits when finish is called is in the file", () => {
    const { files, gate } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, bufferRowsMax: 1 })
      yield* sink.offer("in")
      const waiting = yield* inBackground(sink.offer("waiting"))
      const finish = yield* inBackground(sink.finish)
      yield* gate.open
      yield* Fiber.joinAll([waiting, finish] as ReadonlyArray<Fiber.Fiber<unknown, unknown>>)
      assert.deepStrictEqual(yield* readRows(path), ['"in"', '"waiting"'])
    }).pipe(files)
  })

  it.effect("SNK15: an interrupted finish still publishes", () => {
    const { files, gate, started } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path })
      yield* sink.offer(1)
      const finish = yield* inBackground(sink.finish)
      yield* started.await
      yield* Fiber.interrupt(finish)
      yield* gate.open
      yield* sink.finish
      assert.deepStrictEqual(yield* readRows(path), ["1"])
    }).pipe(files)
  })

  it.effect("SNK16: a closed scope keeps the rows in PATH.partial and the old PATH", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, '"old"\n')
      const scope = yield* Scope.make()
      const sink = yield* Scope.provide(JsonlSink.make({ path }), scope)
      yield* sink.offer("kept")
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* readRows(path), ['"old"'])
      assert.deepStrictEqual(yield* readRows(`${path}.partial`), ['"kept"'])
      const error = yield* Effect.flip(sink.finish)
      assert.strictEqual(
        error.message,
        `cannot finish ${path}: its scope was closed before; 1 row is whole in ${path}.partial`
      )
    }).pipe(files)
  )

  it.effect("SNK15: a scope that closes during finish waits for the publishing", () => {
    const { files, gate, started } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const owner = yield* JsonlSink.make({ path }).pipe(
        Effect.tap((sink) => sink.offer(1)),
        Effect.flatMap((sink) => sink.finish),
        Effect.scoped,
        Effect.forkChild
      )
      yield* started.await
      const interrupted = yield* inBackground(Fiber.interrupt(owner))
      yield* gate.open
      yield* Fiber.join(interrupted)
      assert.deepStrictEqual(yield* readRows(path), ["1"])
    }).pipe(files)
  })

  it.effect("SNK16: a scope that closes everything at once keeps the rows too", () => {
    const { files, gate, started } = gated()
    return Effect.gen(function* () {
      const path = yield* freshPath
      const scope = yield* Scope.make("parallel")
      const sink = yield* Scope.provide(JsonlSink.make({ path, bufferRowsMax: 1 }), scope)
      yield* sink.offer("first")
      const second = yield* inBackground(sink.offer("second"))
      yield* started.await
      const closed = yield* inBackground(Scope.close(scope, Exit.void))
      yield* gate.open
      yield* Fiber.join(closed)
      yield* Fiber.join(second)
      assert.deepStrictEqual(yield* readRows(`${path}.partial`), ['"first"', '"second"'])
    }).pipe(files)
  })

  it.effect("SNK16: an interrupted owner keeps what it had offered", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const offered = yield* Deferred.make<void>()
      const owner = yield* JsonlSink.make({ path }).pipe(
        Effect.tap((sink) => sink.offer("kept")),
        Effect.andThen(Deferred.succeed(offered, undefined)),
        Effect.andThen(Effect.never),
        Effect.scoped,
        Effect.forkChild
      )
      yield* Deferred.await(offered)
      yield* Fiber.interrupt(owner)
      assert.deepStrictEqual(yield* readRows(`${path}.partial`), ['"kept"'])
    }).pipe(files)
  )

  it.effect(
    "SNK17: without rows, finish publishes an empty file and a closed scope leaves none",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* Effect.scoped(JsonlSink.make({ path }))
        assert.isFalse(yield* fs.exists(`${path}.partial`))
        const sink = yield* JsonlSink.make({ path })
        assert.deepStrictEqual(yield* sink.finish, { path, rows: 0, bytes: 0 })
        assert.strictEqual(yield* fs.readFileString(path), "")
      }).pipe(files)
  )

  it.effect("SNK18: permissions and owner of the old file are those of the new one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, "")
      // More than a umask leaves to a new file.
      yield* fs.chmod(path, 0o666)
      // Only root may give a file away; for others the owner is their own.
      yield* Effect.ignore(fs.chown(path, 12345, 12345))
      const before = yield* fs.stat(path)
      const sink = yield* JsonlSink.make({ path })
      yield* sink.finish
      const after = yield* fs.stat(path)
      assert.deepStrictEqual(
        [after.mode, after.uid, after.gid],
        [before.mode, before.uid, before.gid]
      )
    }).pipe(files)
  )
})
