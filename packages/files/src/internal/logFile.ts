/** One file that grows by commits: what is written and not committed can be taken back. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import { closeable, step, type StepFailed, syncDirectory, writeSome } from "./steps.ts"
import * as WholeRecords from "./wholeRecords.ts"

export interface LogFile {
  readonly path: string
  /** What commits have made of it. */
  readonly committed: WholeRecords.Whole
  /** Writes at the end. */
  readonly write: (bytes: Uint8Array, rows: number) => Effect.Effect<void, StepFailed>
  /** Makes durable what was written, and that the file is there. */
  readonly sync: Effect.Effect<void, StepFailed>
  /** What was written is committed. */
  readonly commitUnsafe: () => void
  /** Forgets what was written since the last commit. */
  readonly rollback: Effect.Effect<void, StepFailed>
  readonly close: Effect.Effect<void, StepFailed>
}

/** Opens or creates the file, and cuts what an earlier writer left torn at its end. */
export const open = Effect.fnUntraced(function* (
  path: string,
  format: { readonly quoted: boolean }
): Effect.fn.Return<LogFile, StepFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const directory = (yield* Path.Path).dirname(path)
  const { close, provide } = yield* closeable(path)
  const file = yield* step("open", path, provide(fs.open(path, { flag: "a+" })))
  let committed = yield* step("open", path, cutTorn(file, path, format.quoted))
  let written = committed
  let isDirectorySynced = false

  const write = Effect.fnUntraced(function* (bytes: Uint8Array, rows: number) {
    for (let at = 0; at < bytes.length;) {
      at += yield* writeSome(file, path, bytes.subarray(at))
    }
    written = { rows: written.rows + rows, bytes: written.bytes + bytes.length }
  })

  const sync = Effect.gen(function* () {
    yield* step("sync", path, file.sync)
    if (isDirectorySynced) return
    yield* step("syncDirectory", path, syncDirectory(fs, directory))
    isDirectorySynced = true
  })

  return {
    path,
    get committed() {
      return committed
    },
    write,
    sync,
    commitUnsafe: () => {
      committed = written
    },
    rollback: Effect.suspend(() => {
      written = committed
      return step("write", path, file.truncate(committed.bytes))
    }),
    close
  }
})

/** Rows that were found are synced too: whoever is told of them may rely on them. */
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
  yield* file.sync
  return whole
})
