/** Whole files: written under another name, and renamed to their own once they are durable. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import { isDenied, step, type StepFailed, syncDirectory } from "./steps.ts"

/** Creates a file that has the permissions and the owner of the one that it will replace. */
export const create = Effect.fnUntraced(function* (
  path: string,
  current: FileSystem.File.Info | undefined
): Effect.fn.Return<FileSystem.File, StepFailed, FileSystem.FileSystem | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const mode = current === undefined ? undefined : current.mode & 0o777
  const file = yield* step("open", path, fs.open(path, { flag: "wx", mode }))
  if (current !== undefined) {
    yield* step("open", path, copyOwner(path, current)).pipe(
      Effect.tapError(() => Effect.ignore(fs.remove(path)))
    )
  }
  return file
})

/** Gives a durable file its own name, and makes that durable too. */
export const publish = Effect.fnUntraced(function* (
  from: string,
  to: string
): Effect.fn.Return<void, StepFailed, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  yield* step("rename", from, fs.rename(from, to))
  yield* step("syncDirectory", to, syncDirectory(fs, paths.dirname(to)))
})

/** The new file belongs to the owner of the old one, where the system allows it. */
const copyOwner = Effect.fnUntraced(function* (
  path: string,
  current: FileSystem.File.Info
): Effect.fn.Return<void, PlatformError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const created = yield* fs.stat(path)
  const [uid, gid] = [Option.getOrUndefined(current.uid), Option.getOrUndefined(current.gid)]
  const [newUid, newGid] = [Option.getOrUndefined(created.uid), Option.getOrUndefined(created.gid)]
  if (uid !== undefined && gid !== undefined && (uid !== newUid || gid !== newGid)) {
    yield* Effect.catchIf(fs.chown(path, uid, gid), isDenied, () => Effect.void)
  }
  yield* fs.chmod(path, current.mode & 0o777)
})
