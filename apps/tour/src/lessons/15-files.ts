/** Files: three writers, one file, whole lines, and nothing before the end. */
import assert from "node:assert/strict"
import { JsonlSink } from "@fibra/files"
import { Task } from "@fibra/tasks"
import { Array, Console, Effect, FileSystem } from "effect"

interface Row {
  readonly writer: string
  readonly n: number
}

export const main = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  // Removed with all that is in it when the scope closes, whatever happens.
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "tour-" })
  const path = `${folder}/rows.jsonl`

  // One writer batches the rows of all; offers wait when it falls behind.
  const sink = yield* JsonlSink.make({ path })
  const write = (writer: string) =>
    Effect.forEach(Array.range(1, 100), (n) => sink.offer({ writer, n })).pipe(
      Task.named(writer)
    )

  yield* Task.gather(["a", "b", "c"].map(write))
  const early = yield* fs.exists(path)
  yield* Console.log("before the end:", early ? "a file" : "no file")
  assert.equal(early, false)

  // Write, fsync, rename, fsync of the folder: the whole file, or none.
  yield* sink.finish
  const lines = (yield* fs.readFileString(path)).trimEnd().split("\n")
  const rows = lines.map((line): Row => JSON.parse(line))
  yield* Console.log("rows:", rows.length)
  for (const writer of ["a", "b", "c"]) {
    const own = rows.filter((row) => row.writer === writer).map(({ n }) => n)
    assert.deepEqual(own, Array.range(1, 100))
  }
  yield* Console.log("each writer's rows:", "whole, and in order")
})
