import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { openSync, closeSync } from "node:fs"
import * as JsonlSink from "../src/JsonlSink.ts"
import { otherWriter } from "./support/otherWriter.ts"
import { freshPath, readRows, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))

/** One sink with one row, from opening to finish. */
const writeOne = (path: string, row = "new") =>
  Effect.scoped(
    Effect.gen(function* () {
      const sink = yield* JsonlSink.make({ path })
      yield* sink.offer(row)
      return yield* sink.finish
    })
  )

/** What is logged, instead of printing it. */
const logged = <A, E, R>(self: Effect.Effect<A, E, R>) => {
  const messages: Array<string> = []
  const logger = Logger.make(({ message }) => messages.push(String(message)))
  return Effect.map(Effect.provide(self, Logger.layer([logger])), (result) => ({
    messages,
    result
  }))
}

describe("JsonlSink targets", () => {
  it.effect("SNK20: links to links to a file survive, and that file is replaced", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, '"old"\n')
      yield* fs.symlink("rows.jsonl", `${path}.inner`)
      yield* fs.symlink(`${path}.inner`, `${path}.outer`)
      assert.strictEqual((yield* writeOne(`${path}.outer`)).path, yield* fs.realPath(path))
      assert.strictEqual(yield* fs.readLink(`${path}.outer`), `${path}.inner`)
      assert.strictEqual(yield* fs.readLink(`${path}.inner`), "rows.jsonl")
      assert.deepStrictEqual(yield* readRows(path), ['"new"'])
    }).pipe(files)
  )

  it.effect("SNK20: a link to a file that is not there yet makes that file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.symlink("rows.jsonl", `${path}.link`)
      yield* writeOne(`${path}.link`)
      assert.strictEqual(yield* fs.readLink(`${path}.link`), "rows.jsonl")
      assert.deepStrictEqual(yield* readRows(path), ['"new"'])
    }).pipe(files)
  )

  it.effect("SNK21: /dev/null takes the rows and is still a device", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      assert.deepStrictEqual(yield* writeOne("/dev/null"), { path: "/dev/null", rows: 1, bytes: 6 })
      assert.strictEqual((yield* fs.stat("/dev/null")).type, "CharacterDevice")
    }).pipe(files)
  )

  it.effect("SNK21: a link to a device is written directly too", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.symlink("/dev/null", path)
      yield* writeOne(path)
      assert.strictEqual(yield* fs.readLink(path), "/dev/null")
    }).pipe(files)
  )

  it.effect("SNK21: the reader of a pipe gets the rows", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      execFileSync("mkfifo", [path])
      const cat = spawn("cat", [path], { stdio: ["ignore", "pipe", "inherit"] })
      const output = Effect.promise(async () =>
        Buffer.concat(await cat.stdout.toArray()).toString()
      )
      const [, text] = yield* Effect.all([writeOne(path), output], { concurrency: 2 })
      assert.strictEqual(text, '"new"\n')
    }).pipe(files)
  )

  it.effect("SNK21: an open descriptor of a regular file is appended to, not replaced", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(path, '"before"\n')
      const descriptor = yield* Effect.acquireRelease(
        Effect.sync(() => openSync(path, "a")),
        (opened) => Effect.sync(() => closeSync(opened))
      )
      yield* writeOne(`/dev/fd/${descriptor}`)
      assert.deepStrictEqual(yield* readRows(path), ['"before"', '"new"'])
    }).pipe(files)
  )

  it.effect.each([
    ["a directory", (path: string) => path.slice(0, path.lastIndexOf("/")), "it is a directory"],
    ["a name that ends in a slash", (path: string) => `${path}/`, "it is a directory"],
    ["a missing directory", (path: string) => `${path}/rows.jsonl`, "ENOENT"],
    ["an empty path", () => "", "the path is empty"]
  ] as const)("SNK22: %s cannot be opened", ([, target, reason]) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const error = yield* Effect.flip(JsonlSink.make({ path: target(path) }))
      assert.strictEqual(error.operation, "open")
      assert.include(error.message, reason)
      assert.deepStrictEqual(yield* fs.readDirectory(path.slice(0, path.lastIndexOf("/"))), [])
    }).pipe(files)
  )

  it.effect("SNK22: links that never end cannot be opened", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.symlink(path, `${path}.link`)
      yield* fs.symlink(`${path}.link`, path)
      assert.strictEqual((yield* Effect.flip(JsonlSink.make({ path }))).operation, "open")
    }).pipe(files)
  )

  it.effect("SNK23: what two crashed runs left is kept under numbers, and the log says so", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(`${path}.partial.1`, '"first"\n')
      yield* fs.writeFileString(`${path}.partial`, '"second"\n"torn')
      const { messages } = yield* logged(writeOne(path))
      assert.deepStrictEqual(messages, [
        `an earlier run left ${path}.partial; it is kept as ${path}.partial.2`
      ])
      assert.deepStrictEqual(yield* readRows(`${path}.partial.1`), ['"first"'])
      assert.strictEqual(yield* fs.readFileString(`${path}.partial.2`), '"second"\n"torn')
      assert.deepStrictEqual(yield* readRows(path), ['"new"'])
    }).pipe(files)
  )

  it.effect(
    "SNK24: a second sink waits for the end of the first, under any name of the target",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* fs.symlink(path, `${path}.link`)
        const first = yield* JsonlSink.make({ path })
        const error = yield* Effect.flip(JsonlSink.make({ path: `${path}.link` }))
        assert.strictEqual(
          error.message,
          `cannot open ${path}: ${path} is being written by this process already`
        )
        yield* first.finish
        yield* writeOne(`${path}.link`)
        assert.deepStrictEqual(yield* readRows(path), ['"new"'])
      }).pipe(files)
  )

  it.live("SNK25: while another process has the target, a sink fails to open, and says which", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const other = yield* otherWriter(path)
      const error = yield* Effect.flip(JsonlSink.make({ path }))
      assert.strictEqual(error.operation, "open")
      assert.include(error.message, `is being written by process ${other.pid} of`)
      yield* other.kill
      yield* writeOne(path)
      assert.deepStrictEqual(yield* readRows(path), ['"new"'])
    }).pipe(files)
  )
})
