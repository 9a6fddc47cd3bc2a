/** Where good rows go: a file that is published in one step, or stdout. */
import { JsonlSink } from "@fibra/files"
import { Effect, type FileSystem, type Path, type Scope } from "effect"
import { type Kept, keptBy } from "./Kept.ts"
import * as Stdout from "./Stdout.ts"

export interface Output {
  /** Takes rows that are JSON; waits while the disk or the reader is behind. */
  readonly write: (
    rows: ReadonlyArray<string>
  ) => Effect.Effect<void, JsonlSink.SinkFailed | JsonlSink.RowNotEncodable>
  /** Ends when all rows are safe: published, or taken by the reader of stdout. */
  readonly finish: Effect.Effect<void, JsonlSink.SinkFailed>
  /** What became of the rows; only after the scope has closed. */
  readonly kept: Effect.Effect<Kept>
}

export const open = (
  path: string
): Effect.Effect<Output, JsonlSink.SinkFailed, Scope.Scope | FileSystem.FileSystem | Path.Path> =>
  isStdout(path) ? Effect.sync(toStdout) : toFile(path)

/** `-` and the names that systems give to stdout. */
export const isStdout = (path: string): boolean =>
  ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].includes(path)

const toFile = Effect.fnUntraced(function* (path: string) {
  const sink = yield* JsonlSink.make({ path })
  return {
    // No generator in here: V8 would keep the rows that each of its closures holds for long.
    write: (rows: ReadonlyArray<string>) => Effect.forEach(rows, sink.offerLine, { discard: true }),
    finish: Effect.asVoid(sink.finish),
    kept: keptBy(sink)
  }
})

const toStdout = (): Output => {
  const written = { rows: 0, bytes: 0 }
  let isPublished = false
  let failure: Stdout.StdoutFailed | undefined
  return {
    write: (rows) =>
      Effect.suspend(() => {
        if (rows.length === 0) return Effect.void
        const text = `${rows.join("\n")}\n`
        return Effect.matchEffect(Stdout.write(text), {
          onSuccess: () =>
            Effect.sync(() => {
              written.rows += rows.length
              written.bytes += Buffer.byteLength(text)
            }),
          // The program interrupts this run, and knows the exit code.
          onFailure: (error) => {
            failure = error
            return Effect.never
          }
        })
      }),
    finish: Effect.sync(() => {
      isPublished = true
    }),
    kept: Effect.sync(() => ({ ...written, isPublished, where: "stdout", failure }))
  }
}
