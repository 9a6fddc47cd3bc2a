/** Where malformed rows go: a file of their own, or the first few of them to stderr. */
import { FileSink, Format, type TargetLock } from "@fibra/files"
import { Effect, type FileSystem, Option, type Path, type Scope } from "effect"
import { type Kept, keptBy } from "./Kept.ts"
import type { Screen } from "./Screen.ts"

interface Reject {
  /** Number of the line in the input, from 1. */
  readonly line: number
  readonly cause: string
  /** The row, or its beginning. */
  readonly text: string
  /** Bytes of the row, when `text` is only its beginning. */
  readonly bytes?: number
}

export interface Rejects {
  readonly add: (reject: Reject) => Effect.Effect<void, FileSink.SinkFailed>
  /** Publishes the file, or tells how many were not shown. */
  readonly finish: Effect.Effect<void, FileSink.SinkFailed>
  /** The file of the rejects, if there is one; only after the scope has closed. */
  readonly kept: Effect.Effect<Kept | undefined>
}

/** Malformed rows that are shown when no file keeps them. */
const shownMax = 10

/** With `isAppended` they come after those of earlier runs, otherwise they are published whole. */
export const open = (
  path: Option.Option<string>,
  screen: Screen,
  isAppended: boolean
): Effect.Effect<
  Rejects,
  FileSink.SinkFailed | TargetLock.TargetLocked,
  Scope.Scope | FileSystem.FileSystem | Path.Path
> =>
  Option.match(path, {
    onNone: () => Effect.sync(() => toScreen(screen)),
    onSome: (path) => toFile(path, isAppended)
  })

const toFile = Effect.fnUntraced(function* (path: string, isAppended: boolean) {
  const mode = isAppended ? "append" : "replace"
  const sink = yield* FileSink.make({ path, mode, fsync: "none", format: Format.jsonl })
  return {
    // A reject is made of text and numbers, and nothing is dropped.
    add: (reject: Reject) =>
      Effect.catchTags(sink.put({ ...reject }), {
        RowNotEncodable: Effect.die,
        RowDropped: Effect.die
      }),
    finish: Effect.asVoid(sink.finish),
    kept: keptBy(sink, isAppended)
  }
})

const toScreen = (screen: Screen): Rejects => {
  let count = 0
  return {
    add: ({ cause, line }) =>
      Effect.suspend(() => {
        count++
        return count > shownMax ? Effect.void : screen.line(`rejected line ${line}: ${cause}`)
      }),
    finish: Effect.suspend(() =>
      count > shownMax
        ? screen.line(`and ${count - shownMax} more; --rejects FILE keeps them all`)
        : Effect.void
    ),
    kept: Effect.undefined
  }
}
