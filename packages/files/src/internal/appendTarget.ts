/** A file that grows where it is, over the lives of many sinks. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as LogFile from "./logFile.ts"
import { closeable, step, type StepFailed } from "./steps.ts"
import type { Target } from "./target.ts"
import * as WholeRecords from "./wholeRecords.ts"

/** Opens or creates the file, and cuts what an earlier writer left torn at its end. */
export const open = Effect.fnUntraced(function* (
  path: string,
  format: { readonly quoted: boolean }
): Effect.fn.Return<Target, StepFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const { close, provide } = yield* closeable(path)
  const file = yield* step("open", path, provide(fs.open(path, { flag: "a+" })))
  const start = yield* step("open", path, cutTorn(file, path, format.quoted))
  const log = yield* LogFile.make(file, path, start)
  // Whoever is told of the rows that were found may rely on them.
  if (start.bytes > 0) yield* log.sync
  const end = Effect.andThen(log.sync, close)
  return {
    path,
    rowsPath: path,
    write: ({ parts }) =>
      Effect.forEach(parts.values(), ({ bytes, rows }) => log.write(bytes, rows), {
        discard: true
      }),
    sync: log.sync,
    commitUnsafe: log.commitUnsafe,
    position: () => ({ path, ...log.committed }),
    rollback: Effect.andThen(log.rollback, end),
    finish: end,
    abandon: end
  }
})

const cutTorn = Effect.fnUntraced(function* (file: FileSystem.File, path: string, quoted: boolean) {
  const size = Number((yield* file.stat).size)
  if (size === 0) return { rows: 0, bytes: 0 }
  const whole = yield* WholeRecords.find(file, quoted)
  if (whole.bytes < size) {
    yield* file.truncate(whole.bytes)
    yield* Effect.logWarning(
      `${path}: cut ${size - whole.bytes} bytes of a record that is not whole; ${whole.rows} rows are kept`
    )
  }
  return whole
})
