/** Finds out what a target path is, so that nothing but a regular file is ever renamed over. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"

/** The path names something that cannot hold rows, or the links to it never end. */
export class NotAFile extends Data.TaggedError("NotAFile")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

export interface ResolvedTarget {
  readonly path: string
  /** `replace`: a regular file, or nothing yet. `direct`: a device, a pipe, an open descriptor. */
  readonly kind: "replace" | "direct"
  /** The file that is there now. */
  readonly current: FileSystem.File.Info | undefined
}

const linksMax = 40

// `/dev/stdout` may lead to a regular file that others append to; a rename would cut them off.
const isDescriptor = (path: string) => /^\/(dev\/(std(out|err)|fd\/)|proc\/[^/]+\/fd\/)/.test(path)

export const resolveTarget = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<ResolvedTarget, NotAFile | PlatformError, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  if (path === "") return yield* new NotAFile({ reason: "the path is empty" })
  const absolute = paths.resolve(path)
  const current = yield* statIfThere(fs.stat(absolute))
  if (current === undefined) {
    if (path.endsWith(paths.sep)) return yield* isDirectory()
    const target = yield* followDanglingLinks(absolute)
    // So that nobody has to read of a lock or of a partial file that could not be made.
    yield* fs.access(paths.dirname(target))
    return { path: target, kind: "replace", current }
  }
  if (current.type === "Directory") return yield* isDirectory()
  if (current.type !== "File" || isDescriptor(absolute)) {
    return { path: absolute, kind: "direct", current }
  }
  return { path: yield* fs.realPath(absolute), kind: "replace", current }
})

const isDirectory = () => new NotAFile({ reason: "it is a directory; name a file in it" })

export const statIfThere = (stat: Effect.Effect<FileSystem.File.Info, PlatformError>) =>
  Effect.catchIf(
    stat,
    (error) => error.reason._tag === "NotFound",
    () => Effect.undefined
  )

/** A link to a file that is not there yet names the place where that file shall be. */
const followDanglingLinks = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  let at = path
  for (let links = 0; links < linksMax; links++) {
    const found = yield* statIfThere(fs.lstat(at))
    if (found?.type !== "SymbolicLink") return at
    at = paths.resolve(paths.dirname(at), yield* fs.readLink(at))
  }
  return yield* new NotAFile({ reason: "too many symbolic links" })
})
