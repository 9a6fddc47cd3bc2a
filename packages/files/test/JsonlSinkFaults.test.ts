import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, FileSystem, Latch, Logger, PlatformError, Scope } from "effect"
import * as JsonlSink from "../src/JsonlSink.ts"
import { freshPath, type Hooks, noSpace, readRows, watched } from "./support/watchedFiles.ts"

const withHooks = (hooks: Hooks) => Effect.provide(watched([], hooks))

/** A disk that takes `bytes` bytes, at most `each` of them at once, and is full then. */
const smallDisk = (bytes: number, each = bytes): Hooks => {
  let left = bytes
  return {
    before: (operation) =>
      operation === "write" && left === 0 ? Effect.fail(noSpace()) : Effect.void,
    takes: (wanted) => {
      const taken = Math.min(left, each, wanted.length)
      left -= taken
      return taken
    }
  }
}

const refuse = (refused: string): Hooks => ({
  before: (operation) => (operation === refused ? Effect.fail(noSpace()) : Effect.void)
})

const failedBy = Effect.fnUntraced(function* (
  self: Effect.Effect<unknown, JsonlSink.SinkFailed | JsonlSink.RowNotEncodable>
) {
  const error = yield* Effect.flip(self)
  assert.strictEqual(error._tag, "SinkFailed")
  return error as JsonlSink.SinkFailed
})

describe("JsonlSink faults", () => {
  it.effect("SNK30: a disk that takes 3 bytes at a time gets the whole file", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path })
      for (const row of ["first", "zażółć", "third"]) yield* sink.offer(row)
      yield* sink.finish
      assert.deepStrictEqual(yield* readRows(path), ['"first"', '"zażółć"', '"third"'])
    }).pipe(withHooks({ takes: () => 3 }))
  )

  it.effect("SNK31: waiting offers, later offers and finish all learn of the full disk", () => {
    const gate = Latch.makeUnsafe(false)
    const before: Hooks["before"] = (operation) =>
      operation === "write" ? Effect.andThen(gate.await, Effect.fail(noSpace())) : Effect.void
    return Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path, bufferRowsMax: 2 })
      const producers = yield* Effect.forEach([1, 2, 3, 4, 5], (row) =>
        Effect.forkChild(Effect.exit(sink.offer(row)), { startImmediately: true })
      )
      yield* gate.open
      const exits = yield* Effect.forEach(producers, (fiber) => Fiber.join(fiber))
      assert.deepStrictEqual(exits.map(Exit.isSuccess), [true, true, false, false, false])
      const errors = [yield* failedBy(sink.offer(6)), yield* failedBy(sink.finish)]
      for (const error of errors) {
        assert.strictEqual(error.operation, "write")
        assert.strictEqual(
          error.message,
          `cannot write ${path}: ENOSPC: no space left on device, write`
        )
      }
      const counts = { rowsOffered: 2, rowsWritten: 0, bytesWritten: 0, rowsBuffered: 2 }
      assert.deepStrictEqual(yield* sink.snapshot, counts)
    }).pipe(withHooks({ before }))
  })

  it.effect("SNK31: /dev/full", () =>
    Effect.gen(function* () {
      const sink = yield* JsonlSink.make({ path: "/dev/full" })
      yield* sink.offer(1)
      const error = yield* failedBy(sink.finish)
      assert.strictEqual(
        error.message,
        "cannot write /dev/full: ENOSPC: no space left on device, write"
      )
    }).pipe(withHooks({}))
  )

  // Ten rows of 10 bytes. A batch takes three of them, and what does not take it whole takes nothing.
  it.effect.each([0, 5, 10, 29, 30, 31, 60, 99])(
    "SNK32: a disk full after %d bytes keeps whole batches",
    (size) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        const sink = yield* JsonlSink.make({ path, batchBytesMax: 30 })
        for (let row = 0; row < 10; row++)
          yield* sink.offerLine(`"row ${row} zz"`.slice(0, 8) + '"')
        const error = yield* failedBy(sink.finish)
        const whole = 3 * Math.floor(size / 30)
        assert.strictEqual(error.rowsWritten, whole)
        assert.isFalse(yield* fs.exists(path))
        if (whole === 0) return assert.isFalse(yield* fs.exists(`${path}.partial`))
        assert.strictEqual(error.rowsPath, `${path}.partial`)
        assert.strictEqual((yield* readRows(`${path}.partial`)).length, whole)
      }).pipe(withHooks(smallDisk(size, 7)))
  )

  it.effect.each(["sync", "close", "rename"] as const)(
    "SNK33: when %s is refused, nothing is published",
    (operation) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        const sink = yield* JsonlSink.make({ path })
        yield* sink.offer(1)
        const error = yield* failedBy(sink.finish)
        assert.strictEqual(error.operation, operation)
        assert.strictEqual(error.rowsWritten, 1)
        assert.isFalse(yield* fs.exists(path))
        assert.deepStrictEqual(yield* readRows(`${path}.partial`), ["1"])
      }).pipe(withHooks(refuse(operation)))
  )

  const directoryFails = (code: string): Hooks => ({
    before: (operation, name) =>
      operation === "sync" && name !== "rows.jsonl.partial"
        ? Effect.fail(
            PlatformError.systemError({
              _tag: "Unknown",
              module: "FileSystem",
              method: "sync",
              cause: Object.assign(new Error(`${code}: fsync`), { code })
            })
          )
        : Effect.void
  })

  it.effect("SNK34: a directory that cannot be fsynced at all is no failure", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const sink = yield* JsonlSink.make({ path })
      assert.strictEqual((yield* sink.finish).rows, 0)
    }).pipe(withHooks(directoryFails("EINVAL")))
  )

  it.effect(
    "SNK34: a disk that fails to fsync the directory is a failure, after the publishing",
    () =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const sink = yield* JsonlSink.make({ path })
        yield* sink.offer(1)
        const error = yield* failedBy(sink.finish)
        assert.deepStrictEqual([error.operation, error.rowsPath], ["syncDirectory", path])
        assert.deepStrictEqual(yield* readRows(path), ["1"])
      }).pipe(withHooks(directoryFails("EIO")))
  )

  it.effect.each([
    ["nobody", 1],
    ["finish", 0],
    ["a later offer", 0]
  ] as const)("SNK35: a failure told to %s is logged %d times", ([told, times]) =>
    Effect.gen(function* () {
      const errors: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Error") errors.push(message)
      })
      const path = yield* freshPath
      const scope = yield* Scope.make()
      const sink = yield* Scope.provide(JsonlSink.make({ path, bufferRowsMax: 1 }), scope)
      yield* sink.offer(1)
      if (told === "finish") yield* failedBy(sink.finish)
      if (told === "a later offer") yield* failedBy(sink.offer(2))
      yield* Effect.provide(Scope.close(scope, Exit.void), Logger.layer([logger]))
      assert.strictEqual(errors.length, times)
    }).pipe(withHooks(refuse("write")))
  )
})
