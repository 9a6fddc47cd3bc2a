/** Opens a file to append to, and cuts what an earlier writer left torn at its end. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as LogFile from "./logFile.ts"
import { copyTorn } from "./numberedCopies.ts"
import { closeable, step, type StepFailed } from "./steps.ts"
import * as WholeRecords from "./wholeRecords.ts"

export interface Settings {
  readonly shape: WholeRecords.Shape
  /** Whether a writer of this file was killed, so that a torn end is nothing but its last write. */
  readonly wasKilled: boolean
  readonly isHashed: boolean
}

/** Creates the file when it is not there. What was found in it is durable. */
export const open = Effect.fnUntraced(function* (
  path: string,
  { isHashed, shape, wasKilled }: Settings
): Effect.fn.Return<LogFile.LogFile, StepFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const { close, provide } = yield* closeable(path)
  const file = yield* step("open", path, provide(fs.open(path, { flag: "a+" })))
  const size = Number((yield* step("open", path, file.stat)).size)
  const whole = size === 0 ? undefined : yield* step("open", path, WholeRecords.find(file, shape))
  if (whole !== undefined && whole.bytes < size) {
    const kept = wasKilled ? "" : yield* step("open", path, copyTorn(file, path, whole.bytes))
    yield* step("open", path, file.truncate(whole.bytes))
    const cut = `${size - whole.bytes} bytes at its end that are no whole record`
    yield* Effect.logWarning(`${path}: cut ${cut}${kept && `, and kept them as ${kept}`}`)
  }
  const hash = isHashed
    ? yield* step("open", path, LogFile.hashOf(file, whole?.bytes ?? 0))
    : undefined
  const log = yield* LogFile.make({ file, path, close, shape, start: whole, hash })
  // Whoever is told of the rows that were found may rely on them.
  if (whole !== undefined) yield* log.sync
  return log
})
