/** One file that grows by commits: what is written and not committed can be taken back. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { step, type StepFailed, syncDirectory, writeSome } from "./steps.ts"
import type { Whole } from "./wholeRecords.ts"

export interface LogFile {
  readonly path: string
  /** What commits have made of it. */
  readonly committed: Whole
  /** Writes at the end. */
  readonly write: (bytes: Uint8Array, rows: number) => Effect.Effect<void, StepFailed>
  /** Makes durable what was written. */
  readonly syncData: Effect.Effect<void, StepFailed>
  /** Makes durable what was written, and that the file has its name. */
  readonly sync: Effect.Effect<void, StepFailed>
  /** What was written is committed. */
  readonly commitUnsafe: () => void
  /** Forgets what was written since the last commit. */
  readonly rollback: Effect.Effect<void, StepFailed>
}

/** Goes on at the end of an open file, which is at `start`. */
export const make = Effect.fnUntraced(function* (
  file: FileSystem.File,
  path: string,
  start: Whole
): Effect.fn.Return<LogFile, never, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const directory = (yield* Path.Path).dirname(path)
  let committed = start
  let written = start
  let isNameDurable = false

  const write = Effect.fnUntraced(function* (bytes: Uint8Array, rows: number) {
    for (let at = 0; at < bytes.length;) {
      at += yield* writeSome(file, path, bytes.subarray(at))
    }
    written = { rows: written.rows + rows, bytes: written.bytes + bytes.length }
  })

  const syncData = step("sync", path, file.sync)
  const sync = Effect.gen(function* () {
    yield* syncData
    if (isNameDurable) return
    yield* step("syncDirectory", path, syncDirectory(fs, directory))
    isNameDurable = true
  })

  return {
    path,
    get committed() {
      return committed
    },
    write,
    syncData,
    sync,
    commitUnsafe: () => {
      committed = written
    },
    rollback: Effect.suspend(() => {
      written = committed
      return step("write", path, file.truncate(committed.bytes))
    })
  }
})
