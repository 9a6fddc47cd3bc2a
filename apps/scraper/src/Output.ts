/** Where the rows go: to the end of a file, with the commits of the job, or to stdout at once. */
import { Crawl, type Frontier, type Row } from "@fibra/crawl"
import * as FileSink from "@fibra/files/FileSink"
import * as Format from "@fibra/files/Format"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as RowFiles from "./RowFiles.ts"

export const make = (
  path: string,
  fsync: "batch" | "none",
  rotate: FileSink.Rotation | undefined
) => ({
  isStdout: path === "-",
  open: opener(path, fsync, rotate),
  /** Ends when the reader has taken the row, so that a slow one slows the crawl. */
  print: (row: Row.Head): Effect.Effect<void> =>
    Effect.callback((resume) => {
      // When there is no reader any more, the program is being stopped.
      process.stdout.write(`${JSON.stringify(row)}\n`, () => resume(Effect.void))
    })
})

/** Opens a file for rows, whose commits are those of the job. */
export const opener =
  (path: string, fsync: "batch" | "none", rotate?: FileSink.Rotation) =>
  (commit: FileSink.CommitHook<Frontier.Settlement>) =>
    FileSink.make({ path, format: Format.jsonl, fsync, rotate, commit, ...Crawl.batches })

export interface Written {
  readonly path: string
  readonly bytes: number | undefined
}

/** What there is to say about the output at the end. */
export const describe = Effect.fnUntraced(
  function* (path: string, isRotated = false) {
    if (path === "-") return { path: "stdout", bytes: undefined }
    const fs = yield* FileSystem.FileSystem
    const sizeOf = (path: string) => Effect.map(fs.stat(path), ({ size }) => Number(size))
    if (!isRotated) return { path, bytes: yield* sizeOf(path) }
    const files = yield* RowFiles.list(path)
    const sizes = yield* Effect.forEach(files, ({ path }) => sizeOf(path))
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    const many = files.length > 1 ? `, the first of ${files.length} files` : ""
    return { path: `${files[0]?.path ?? path}${many}`, bytes }
  },
  Effect.orElseSucceed(() => undefined)
)
