/** The file under a sink: rows go to `PATH.partial`, which becomes `PATH` when it is published. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import { claim } from "./claims.ts"
import { findMoved, keepAside } from "./numberedCopies.ts"
import { type ResolvedTarget, resolveTarget } from "./resolveTarget.ts"
import { closeable, isDenied, step, StepFailed, syncDirectory, writeSome } from "./steps.ts"

/** Another process began to write the same target, and moved the partial file away. */
class PartialTaken extends Data.TaggedError("PartialTaken") {
  override get message(): string {
    return "another process began to write it and took over the partial file"
  }
}

export interface TargetFile {
  /** The file that readers get. */
  readonly path: string
  /** The file that holds the rows until they are published. */
  readonly rowsPath: string
  /** Writes some of the bytes, at least one, and returns how many. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<number, StepFailed>
  /** Forgets everything after the first `length` bytes, where the file can do that. */
  readonly cutTo: (length: number) => Effect.Effect<void, StepFailed>
  /** Makes the rows durable, and visible at `path`. */
  readonly publish: Effect.Effect<void, StepFailed>
  /** Makes the rows durable in `rowsPath`, or removes that file when it holds none. */
  readonly abandon: (isEmpty: boolean) => Effect.Effect<void, StepFailed>
}

type Services = FileSystem.FileSystem | Path.Path | Scope.Scope

/** Opens the target; the file is closed with the scope, if not before. */
export const openTarget = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<TargetFile, StepFailed, Services> {
  const target = yield* step("open", path, resolveTarget(path))
  return yield* target.kind === "direct" ? openDirect(target.path) : openPartial(target)
})

/** A device or a pipe: what is written is gone, so there is nothing to publish or to cut. */
const openDirect = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { close, provide } = yield* closeable(path)
  const file = yield* step("open", path, provide(fs.open(path, { flag: "a" })))
  return {
    path,
    rowsPath: path,
    write: (bytes: Uint8Array) => writeSome(file, path, bytes),
    cutTo: () => Effect.void,
    publish: close,
    abandon: () => close
  }
})

const openPartial = Effect.fnUntraced(function* ({ path, current }: ResolvedTarget) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const rowsPath = `${path}.partial`
  yield* step("open", path, claim(fs, path))
  if (current !== undefined) yield* step("open", path, fs.access(path, { writable: true }))
  yield* step("open", path, keepAside(rowsPath))
  const { close, provide } = yield* closeable(rowsPath)
  const create = fs.open(rowsPath, { flag: "wx", mode: permissions(current) })
  const file = yield* step("open", path, provide(create))
  if (current !== undefined) {
    yield* step("open", path, copyOwner(rowsPath, current)).pipe(
      Effect.tapError(() => Effect.ignore(fs.remove(rowsPath)))
    )
  }

  const isOurs = (path: string) => Effect.zipWith(file.stat, fs.lstat(path), isSameFile)
  const ours = Effect.catchIf(isOurs(rowsPath), isNotFound, () => Effect.succeed(false))
  const publish = Effect.gen(function* () {
    yield* step("sync", rowsPath, file.sync)
    if (!(yield* step("rename", rowsPath, ours))) {
      const movedTo = yield* step("rename", rowsPath, findMoved(rowsPath, isOurs)).pipe(
        Effect.provideService(FileSystem.FileSystem, fs)
      )
      return yield* new StepFailed({ step: "rename", path: movedTo, cause: new PartialTaken() })
    }
    yield* close
    yield* step("rename", rowsPath, fs.rename(rowsPath, path))
    yield* step("syncDirectory", path, syncDirectory(fs, paths.dirname(path)))
  })
  const abandon = Effect.fnUntraced(function* (isEmpty: boolean) {
    if (isEmpty && (yield* step("close", rowsPath, ours))) {
      yield* step("close", rowsPath, fs.remove(rowsPath))
    } else {
      yield* step("sync", rowsPath, file.sync)
    }
    yield* close
  })
  return {
    path,
    rowsPath,
    write: (bytes: Uint8Array) => writeSome(file, rowsPath, bytes),
    cutTo: (length: number) => step("write", rowsPath, file.truncate(length)),
    publish,
    abandon
  }
})

const permissions = (current: FileSystem.File.Info | undefined) =>
  current === undefined ? undefined : current.mode & 0o777

/** The new file belongs to the owner of the old one, where the system allows it. */
const copyOwner = Effect.fnUntraced(function* (path: string, current: FileSystem.File.Info) {
  const fs = yield* FileSystem.FileSystem
  const created = yield* fs.stat(path)
  const [uid, gid] = [Option.getOrUndefined(current.uid), Option.getOrUndefined(current.gid)]
  const [newUid, newGid] = [Option.getOrUndefined(created.uid), Option.getOrUndefined(created.gid)]
  if (uid !== undefined && gid !== undefined && (uid !== newUid || gid !== newGid)) {
    yield* Effect.catchIf(fs.chown(path, uid, gid), isDenied, () => Effect.void)
  }
  yield* fs.chmod(path, current.mode & 0o777)
})

const isSameFile = (one: FileSystem.File.Info, other: FileSystem.File.Info) =>
  one.dev === other.dev && Option.getOrUndefined(one.ino) === Option.getOrUndefined(other.ino)

const isNotFound = (error: PlatformError) => error.reason._tag === "NotFound"
