/** Where malformed rows go: a file of their own, or the first few of them to stderr. */
import { JsonlSink } from "@fibra/files"
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
  readonly add: (
    reject: Reject
  ) => Effect.Effect<void, JsonlSink.SinkFailed | JsonlSink.RowNotEncodable>
  /** Publishes the file, or tells how many were not shown. */
  readonly finish: Effect.Effect<void, JsonlSink.SinkFailed>
  /** The file of the rejects, if there is one; only after the scope has closed. */
  readonly kept: Effect.Effect<Kept | undefined>
}

/** Malformed rows that are shown when no file keeps them. */
const shownMax = 10

export const open = (
  path: Option.Option<string>,
  screen: Screen
): Effect.Effect<Rejects, JsonlSink.SinkFailed, Scope.Scope | FileSystem.FileSystem | Path.Path> =>
  Option.match(path, {
    onNone: () => Effect.sync(() => toScreen(screen)),
    onSome: toFile
  })

const toFile = Effect.fnUntraced(function* (path: string) {
  const sink = yield* JsonlSink.make({ path })
  return {
    add: (reject: Reject) => sink.offer({ ...reject }),
    finish: Effect.asVoid(sink.finish),
    kept: keptBy(sink)
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
