/** Where the rows go: into a file that appears whole at the end, or to stdout at once. */
import type { Row } from "@fibra/crawl"
import { JsonlSink } from "@fibra/files"
import { Effect, type FileSystem, type Path, type Scope } from "effect"

export interface Output {
  readonly isStdout: boolean
  offer(row: Row.Row): Effect.Effect<void, JsonlSink.SinkFailed>
  readonly rows: Effect.Effect<number>
  /** Publishes the file, and gives what there is to say about it. */
  readonly finish: Effect.Effect<Finished, JsonlSink.SinkFailed>
}

export interface Finished {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

type Services = FileSystem.FileSystem | Path.Path | Scope.Scope

/** Opens the output; `-` is stdout. */
export const open = (path: string): Effect.Effect<Output, JsonlSink.SinkFailed, Services> =>
  path === "-" || path === "/dev/stdout" ? Effect.sync(toStdout) : toFile(path)

const toFile = Effect.fnUntraced(function* (path: string) {
  const sink = yield* JsonlSink.make({ path })
  return {
    isStdout: false,
    // A row comes from parts that JSON can hold: failing to encode would be a bug.
    offer: (row: Row.Row) => Effect.catchTag(sink.offer(row), "RowNotEncodable", Effect.die),
    rows: Effect.map(sink.snapshot, ({ rowsOffered }) => rowsOffered),
    finish: Effect.map(sink.finish, (finished) => ({ ...finished, path }))
  }
})

const toStdout = (): Output => {
  let [rows, bytes] = [0, 0]
  return {
    isStdout: true,
    offer: (row) =>
      Effect.callback((resume) => {
        const line = `${JSON.stringify(row)}\n`
        // The callback comes when the reader has taken the line, so a slow one slows the crawl. When
        // there is no reader any more, the program is being stopped, and the row does not count.
        process.stdout.write(line, (error) => {
          if (error == null) {
            rows += 1
            bytes += Buffer.byteLength(line)
          }
          resume(Effect.void)
        })
      }),
    rows: Effect.sync(() => rows),
    finish: Effect.sync(() => ({ path: "stdout", rows, bytes }))
  }
}
