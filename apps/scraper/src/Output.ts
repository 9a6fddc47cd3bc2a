/** Where the rows go: to the end of a file, with the commits of the job, or to stdout at once. */
import { Crawl, type Frontier, type Row } from "@fibra/crawl"
import * as FileSink from "@fibra/files/FileSink"
import * as Format from "@fibra/files/Format"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

export const make = (path: string, fsync: "batch" | "none") => ({
  isStdout: path === "-",
  open: opener(path, fsync),
  /** Ends when the reader has taken the row, so that a slow one slows the crawl. */
  print: (row: Row.Head): Effect.Effect<void> =>
    Effect.callback((resume) => {
      // When there is no reader any more, the program is being stopped.
      process.stdout.write(`${JSON.stringify(row)}\n`, () => resume(Effect.void))
    })
})

/** Opens a file for rows, whose commits are those of the job. */
export const opener =
  (path: string, fsync: "batch" | "none") => (commit: FileSink.CommitHook<Frontier.Settlement>) =>
    FileSink.make({ path, format: Format.jsonl, fsync, commit, ...Crawl.batches })

export interface Written {
  readonly path: string
  readonly bytes: number | undefined
}

/** What there is to say about the output at the end. */
export const describe = Effect.fnUntraced(
  function* (path: string) {
    if (path === "-") return { path: "stdout", bytes: undefined }
    const fs = yield* FileSystem.FileSystem
    const bytes = yield* Effect.map(fs.stat(path), ({ size }) => Number(size))
    return { path, bytes }
  },
  Effect.orElseSucceed(() => undefined)
)
