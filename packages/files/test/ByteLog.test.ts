import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Scope } from "effect"
import * as ByteLog from "../src/ByteLog.ts"
import { freshPath, noSpace, watched } from "./support/watchedFiles.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("ByteLog", () => {
  it.effect("BLG1: a log goes on at its committed length, and without one at its end", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFile(path, bytes("one,\0two"))
      const cut = yield* Scope.make()
      const first = yield* Scope.provide(ByteLog.open(path, 5), cut)
      assert.strictEqual((yield* Effect.flip(ByteLog.open(path, 5)))._tag, "TargetLocked")
      log.length = 0
      yield* first.write(bytes("three,"))
      yield* first.sync
      assert.deepStrictEqual(log, ["write rows.jsonl", "sync rows.jsonl"])
      yield* Scope.close(cut, Exit.void)
      const second = yield* ByteLog.open(path, undefined)
      assert.strictEqual(second.length(), 11)
      yield* second.write(bytes("four"))
      assert.strictEqual(second.length(), 15)
      assert.strictEqual(yield* fs.readFileString(path), "one,\0three,four")
    }).pipe(Effect.provide(watched(log)))
  })

  it.effect(
    "BLG2: a log that is shorter than what was committed is not opened, and not changed",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* fs.writeFile(path, bytes("one"))
        const error = yield* Effect.flip(ByteLog.open(path, 4))
        assert.strictEqual(
          error.message,
          `cannot open ${path}: it is shorter than the 4 bytes that were committed`
        )
        assert.strictEqual(yield* fs.readFileString(path), "one")
      }).pipe(Effect.provide(watched([])))
  )

  it.effect("BLG3: what a full disk did not take whole is taken back, and told of", () => {
    let isFull = false
    const full = {
      takes: (wanted: Uint8Array) => (isFull ? 2 : wanted.length),
      before: (operation: string) =>
        operation === "write" && isFull && left-- === 0 ? Effect.fail(noSpace()) : Effect.void
    }
    let left = 1
    return Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const log = yield* ByteLog.open(path, undefined)
      yield* log.write(bytes("whole"))
      yield* log.sync
      isFull = true
      const error = yield* Effect.flip(log.write(bytes("torn")))
      assert.strictEqual(error._tag, "SinkFailed")
      assert.include(error.message, `cannot write ${path}: `)
      assert.strictEqual(log.length(), 5)
      assert.strictEqual(yield* fs.readFileString(path), "whole")
    }).pipe(Effect.provide(watched([], full)))
  })
})
