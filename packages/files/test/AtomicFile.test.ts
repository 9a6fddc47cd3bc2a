import { assert, describe, it } from "@effect/vitest"
import { SimFileSystem } from "@fibra/testing"
import { Effect, Exit, Fiber, FileSystem, Path } from "effect"
import * as AtomicFile from "../src/AtomicFile.ts"
import { freshPath, noSpace, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))
const range = (length: number) => Array.from({ length }, (_, index) => index)

const beside = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readDirectory(path.slice(0, path.lastIndexOf("/")))
})

describe("AtomicFile", () => {
  it.effect(
    "ATM1: a file is written, synced, renamed, and its directory synced, in this order",
    () => {
      const log: Array<string> = []
      return Effect.gen(function* () {
        const path = yield* freshPath
        yield* AtomicFile.write(path, "zażółć")
        const steps = log.map((line) =>
          line
            .replace(/\..*\.tmp$/, "TEMPORARY")
            .split("/")
            .at(-1)!
        )
        assert.deepStrictEqual(
          steps.map((step) => step.replace(/fibra-files-.*/, "DIRECTORY")),
          ["write TEMPORARY", "sync TEMPORARY", "rename rows.jsonl", "sync DIRECTORY"]
        )
        const fs = yield* FileSystem.FileSystem
        assert.strictEqual(yield* fs.readFileString(path), "zażółć")
        assert.deepStrictEqual(yield* beside(path), ["rows.jsonl"])
      }).pipe(Effect.provide(watched(log)))
    }
  )

  it.effect(
    "ATM2: after a power loss at any operation the file is the old one or the new one",
    () => {
      const path = "/tmp/config"
      const fs = FileSystem.FileSystem
      const contents = ["a".repeat(700), "b".repeat(1500), "c"]
      return SimFileSystem.crashEverywhere(
        (acknowledge: SimFileSystem.Acknowledge<string>) =>
          Effect.forEach(contents, (content) =>
            Effect.andThen(AtomicFile.write(path, content), acknowledge(content))
          ).pipe(Effect.provide(Path.layer), Effect.orDie),
        Effect.flatMap(fs, (fs) => fs.readFileString(path)),
        ({ acknowledged, recovered }) =>
          Effect.sync(() => {
            const latest = acknowledged.length
            const allowed = ["old", ...contents].slice(latest, latest + 2)
            assert.include(allowed, recovered)
          }),
        {
          setup: Effect.flatMap(fs, (fs) => Effect.orDie(fs.writeFileString(path, "old"))),
          seedsPerPoint: 8
        }
      )
    }
  )

  it.effect("ATM3: many files are each whole, and the directory is synced once", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const entries = range(100).map((index) => ({ path: `${path}.${index}`, content: `${index}` }))
      yield* AtomicFile.writeAll(entries)
      for (const { content, path } of entries) {
        assert.strictEqual(yield* fs.readFileString(path), content)
      }
      const syncs = log.filter((line) => line.startsWith("sync ") && !line.endsWith(".tmp"))
      assert.strictEqual(syncs.length, 1)
    }).pipe(Effect.provide(watched(log)))
  })

  it.effect.each(["write", "sync", "close", "rename"] as const)(
    "ATM4: when %s is refused, the old file stays and no other one is left",
    (refused) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* fs.writeFileString(path, "old")
        const error = yield* Effect.flip(AtomicFile.write(path, "new"))
        assert.deepStrictEqual([error.path, error.step], [path, refused])
        assert.strictEqual(yield* fs.readFileString(path), "old")
        assert.deepStrictEqual(yield* beside(path), ["rows.jsonl"])
      }).pipe(
        Effect.provide(
          watched([], {
            before: (operation) => (operation === refused ? Effect.fail(noSpace()) : Effect.void)
          })
        )
      )
  )

  it.effect("ATM5: links stay, permissions are handed down, and devices are refused", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, "old", { mode: 0o640 })
      yield* fs.symlink(path, `${path}.link`)
      yield* AtomicFile.write(`${path}.link`, "new")
      assert.strictEqual(yield* fs.readLink(`${path}.link`), path)
      assert.strictEqual(yield* fs.readFileString(path), "new")
      assert.strictEqual((yield* fs.stat(path)).mode & 0o777, 0o640)
      const error = yield* Effect.flip(AtomicFile.write("/dev/null", "new"))
      assert.include(error.message, "it is a device")
    }).pipe(files)
  )

  it.effect(
    "ATM7: a file that is written bit by bit is there once it is published, or leaves nothing",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        const bytes = (text: string) => new TextEncoder().encode(text)
        const half = Effect.gen(function* () {
          const file = yield* AtomicFile.open(path)
          yield* file.write(bytes("one "))
          assert.isFalse(yield* fs.exists(path))
          return file
        })
        yield* Effect.scoped(half)
        assert.deepStrictEqual(yield* beside(path), [])
        yield* Effect.scoped(
          Effect.flatMap(half, ({ publish, write }) => Effect.andThen(write(bytes("two")), publish))
        )
        assert.strictEqual(yield* fs.readFileString(path), "one two")
        assert.deepStrictEqual(yield* beside(path), ["rows.jsonl"])
      }).pipe(files)
  )

  it.effect("ATM8: writeAll makes the directories, and their names durable", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      yield* AtomicFile.writeAll([{ path: "/tmp/a/b/c", content: "deep" }]).pipe(
        Effect.provide([disk.layer, Path.layer])
      )
      const { fileSystem } = yield* disk.crash("lost")
      assert.strictEqual(yield* fileSystem.readFileString("/tmp/a/b/c"), "deep")
    })
  )

  // A reader that polls while the file is rewritten: it sees whole files only.
  it.live(
    "ATM6: a reader sees whole files only, during many rewrites",
    () =>
      Effect.gen(function* () {
        const rewrites = process.env["FIBRA_SOAK"] === "1" ? 10_000 : 100
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        const content = (round: number) => `${round}`.padStart(6, "0").repeat(1000)
        yield* AtomicFile.write(path, content(0))
        let reads = 0
        const reader = yield* Effect.forkChild(
          Effect.forever(
            Effect.map(fs.readFileString(path), (text) => {
              reads++
              assert.strictEqual(text, content(Number(text.slice(0, 6))))
            })
          )
        )
        for (let round = 1; round <= rewrites; round++)
          yield* AtomicFile.write(path, content(round))
        assert.isAbove(reads, 10)
        yield* Fiber.interrupt(reader)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(reader)))
      }).pipe(files),
    300_000
  )
})
