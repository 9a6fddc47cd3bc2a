/** The keys of the latest rows, so that a row that is there already is not written again. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Stream from "effect/Stream"
import type * as Records from "../Records.ts"
import { read } from "../Records.ts"
import * as FileNames from "./fileNames.ts"

export interface KeyIndex {
  /** Remembers a key, and says whether it is new. */
  readonly isNew: (key: string) => boolean
  /** Learns the keys of the rows in the files of a target, of the latest rows when there are more. */
  readonly learn: (
    target: string
  ) => Effect.Effect<void, PlatformError | Records.ReadFailed, FileSystem.FileSystem | Path.Path>
}

export interface Settings<Row> {
  readonly keyOf: (row: Row) => string
  readonly keysMax: number
  readonly reading: Omit<Records.Options<Row>, "path">
  readonly isRotated: boolean
  readonly isPartitioned: boolean
}

export const make = <Row>(settings: Settings<Row>): KeyIndex => {
  const { format } = settings.reading
  // In the order of their rows, the oldest first.
  const keys = new Set<string>()

  const isNew = (key: string): boolean => {
    if (keys.has(key)) return false
    keys.add(key)
    if (keys.size > settings.keysMax) for (const oldest of keys) return keys.delete(oldest)
    return true
  }

  const keysIn = (path: string) =>
    read({ ...settings.reading, path }).pipe(
      Stream.map((record) => {
        const row = format.decode(record)
        return row === undefined ? "" : settings.keyOf(row)
      })
    )

  return {
    isNew,
    learn: Effect.fnUntraced(function* (target) {
      let found: ReadonlyArray<string> = []
      for (const path of yield* latestFirst(target, settings)) {
        if (found.length >= settings.keysMax) break
        const more = yield* Stream.runCollect(Stream.takeRight(keysIn(path), settings.keysMax))
        found = [...more, ...found].slice(-settings.keysMax)
      }
      for (const key of found) isNew(key)
    })
  }
}

/** Files with rows, by when they were changed. */
const latestFirst = Effect.fnUntraced(function* (
  target: string,
  { isPartitioned, isRotated }: { readonly isPartitioned: boolean; readonly isRotated: boolean }
) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const names = FileNames.make(paths, target, isRotated)
  const files: Array<{ readonly path: string; readonly changed: number; readonly number: number }> =
    []
  for (const name of yield* fs.readDirectory(names.root, { recursive: isPartitioned })) {
    const number = names.numberOf(paths.basename(name))
    if (number === undefined) continue
    const path = paths.join(names.root, name)
    const { mtime } = yield* fs.stat(path)
    files.push({ path, number, changed: Option.match(mtime, { onNone: () => 0, onSome: Number }) })
  }
  return files
    .toSorted((a, b) => b.changed - a.changed || b.number - a.number)
    .map(({ path }) => path)
})
