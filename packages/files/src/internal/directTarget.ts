/** A device, a pipe or an open descriptor: what is written is gone, so nothing can be cut or published. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as LogFile from "./logFile.ts"
import { closeable, step, type StepFailed } from "./steps.ts"
import type { Target } from "./target.ts"
import type { Shape } from "./wholeRecords.ts"

export const open = Effect.fnUntraced(function* (
  path: string,
  shape: Shape
): Effect.fn.Return<Target, StepFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const { close, provide } = yield* closeable(path)
  const file = yield* step("open", path, provide(fs.open(path, { flag: "a" })))
  const log = yield* LogFile.make({ file, path, close, shape })
  return {
    path,
    rowsPath: path,
    isFile: false,
    prepare: () => Effect.succeed(false),
    write: (parts) =>
      Effect.forEach(parts.values(), ({ bytes, rows }) => log.write(bytes, rows), {
        discard: true
      }),
    sync: Effect.void,
    lengths: () => ({}),
    commitUnsafe: log.commitUnsafe,
    settle: Effect.void,
    position: () => ({ path, ...log.committed }),
    rollback: Effect.void,
    finish: close,
    abandon: close
  }
})
