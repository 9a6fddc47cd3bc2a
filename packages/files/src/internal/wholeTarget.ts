/** A file that is published whole: rows go to `PATH.partial`, which becomes `PATH` at the end. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as LogFile from "./logFile.ts"
import { keepAside } from "./numberedCopies.ts"
import * as Replacement from "./replacement.ts"
import type { ResolvedTarget } from "./resolveTarget.ts"
import { closeable, step, StepFailed } from "./steps.ts"
import type { Target } from "./target.ts"
import type { Shape } from "./wholeRecords.ts"

/** The sink was to make a new file. */
class AlreadyThere extends Data.TaggedError("AlreadyThere") {
  override get message(): string {
    return "it is there already"
  }
}

type Services = FileSystem.FileSystem | Path.Path

export const open = Effect.fnUntraced(function* (
  { current, path }: ResolvedTarget,
  { mode, shape }: { readonly mode: string; readonly shape: Shape }
): Effect.fn.Return<Target, StepFailed, Services | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const services = yield* Effect.context<Services>()
  const rowsPath = `${path}.partial`
  if (current !== undefined && mode === "exclusive") {
    return yield* new StepFailed({ step: "open", path, cause: new AlreadyThere() })
  }
  if (current !== undefined) yield* step("open", path, fs.access(path, { writable: true }))
  yield* step("open", path, keepAside(rowsPath))
  const { close, provide } = yield* closeable(rowsPath)
  const file = yield* provide(Replacement.create(rowsPath, current))
  const log = yield* LogFile.make({ file, path: rowsPath, close, shape })

  const finish = Effect.gen(function* () {
    yield* log.syncData
    yield* close
    yield* Replacement.publish(rowsPath, path)
  }).pipe(Effect.provide(services))

  const abandon = Effect.gen(function* () {
    if (log.committed.bytes === 0) yield* step("close", rowsPath, fs.remove(rowsPath))
    else yield* log.sync
    yield* close
  })

  return {
    path,
    rowsPath,
    isFile: true,
    prepare: () => Effect.succeed(false),
    write: (parts) =>
      Effect.forEach(parts.values(), ({ bytes, rows }) => log.write(bytes, rows), {
        discard: true
      }),
    sync: log.sync,
    lengths: () => ({}),
    commitUnsafe: log.commitUnsafe,
    settle: Effect.void,
    position: () => ({ path: rowsPath, ...log.committed }),
    rollback: Effect.andThen(log.rollback, abandon),
    finish,
    abandon
  }
})
