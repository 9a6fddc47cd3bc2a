import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as SimFileSystem from "../src/SimFileSystem.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("SimFileSystem", () => {
  it.effect("DISK1: what was not synced may be lost at a crash, and what was synced is not", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* fs.writeFileString("/a", "unsynced")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const file = yield* fs.open("/b", { flag: "w" })
          yield* file.writeAll(bytes("synced"))
          yield* file.sync
          yield* fs.rename("/b", "/c")
          const root = yield* fs.open("/")
          yield* root.sync
          yield* file.writeAll(bytes(", and more"))
        })
      )
      assert.strictEqual(yield* fs.readFileString("/c"), "synced, and more")
      const lost = (yield* disk.crash("lost")).fileSystem
      assert.deepStrictEqual((yield* lost.readDirectory("/")).sort(), ["a", "c", "tmp"])
      assert.strictEqual(yield* lost.readFileString("/a"), "")
      assert.strictEqual(yield* lost.readFileString("/c"), "synced")
      const kept = (yield* disk.crash("kept")).fileSystem
      assert.strictEqual(yield* kept.readFileString("/a"), "unsynced")
    })
  )
})
