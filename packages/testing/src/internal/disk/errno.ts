/** What a POSIX system says when it refuses, in the shape in which Node and Effect report it. */
import * as Data from "effect/Data"
import * as PlatformError from "effect/PlatformError"

const table = {
  EPERM: [-1, "operation not permitted", "PermissionDenied"],
  ENOENT: [-2, "no such file or directory", "NotFound"],
  EIO: [-5, "i/o error", "Unknown"],
  EBADF: [-9, "bad file descriptor", "Unknown"],
  EACCES: [-13, "permission denied", "PermissionDenied"],
  EBUSY: [-16, "resource busy or locked", "Busy"],
  EEXIST: [-17, "file already exists", "AlreadyExists"],
  ENOTDIR: [-20, "not a directory", "BadResource"],
  EISDIR: [-21, "illegal operation on a directory", "BadResource"],
  EINVAL: [-22, "invalid argument", "Unknown"],
  EMFILE: [-24, "too many open files", "Unknown"],
  EFBIG: [-27, "file too large", "Unknown"],
  ENOSPC: [-28, "no space left on device", "Unknown"],
  EROFS: [-30, "read-only file system", "Unknown"],
  ENAMETOOLONG: [-36, "name too long", "Unknown"],
  ENOTEMPTY: [-39, "directory not empty", "Unknown"],
  ELOOP: [-40, "too many symbolic links encountered", "BadResource"],
  EDQUOT: [-122, "disk quota exceeded", "Unknown"]
} as const satisfies Record<string, readonly [number, string, PlatformError.SystemErrorTag]>

/** What a disk can refuse with. */
export type ErrorCode = keyof typeof table

/** Thrown inside of the disk, and always caught by the operation that it refuses. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly code: ErrorCode
  /** Where it differs from the name of the operation. */
  readonly syscall?: string | undefined
}> {}

export const refuse = (code: ErrorCode, syscall?: string): never => {
  throw new Refused({ code, syscall })
}

/** Who asked for what: the method of Effect, the call below it, and what it was about. */
export interface Asked {
  readonly method: string
  readonly syscall: string
  readonly path?: string | undefined
  readonly to?: string | undefined
  /** For calls on an open file, in place of a path. */
  readonly descriptor?: number | undefined
}

/** The error that `NodeFileSystem` gives for this code. */
export const platformError = (code: ErrorCode, asked: Asked): PlatformError.PlatformError => {
  const [errno, text, tag] = table[code]
  const [path, to] = asked.descriptor === undefined ? [asked.path, asked.to] : []
  const where = (path === undefined ? "" : ` '${path}'`) + (to === undefined ? "" : ` -> '${to}'`)
  const cause = Object.assign(new Error(`${code}: ${text}, ${asked.syscall}${where}`), {
    errno,
    code,
    syscall: asked.syscall,
    ...(path === undefined ? {} : { path }),
    ...(to === undefined ? {} : { dest: to })
  })
  return PlatformError.systemError({
    _tag: tag,
    module: "FileSystem",
    method: asked.method,
    pathOrDescriptor: asked.descriptor ?? asked.path,
    syscall: asked.syscall,
    cause
  })
}

/** The error that `NodeFileSystem` gives for an argument that no system is asked about. */
export const badArgument = (method: string, description: string): PlatformError.PlatformError =>
  PlatformError.badArgument({ module: "FileSystem", method, description })
