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

/** Refusals of Node itself, in words of its own. */
const ofNode = {
  ERR_FS_EISDIR: [21, "Path is a directory: rm returned EISDIR (is a directory)"],
  ERR_FS_CP_EINVAL: [22, "Invalid src or dest: cp returned EINVAL"],
  ERR_FS_CP_DIR_TO_NON_DIR: [
    21,
    "Cannot overwrite non-directory with directory: cp returned EISDIR"
  ],
  ERR_FS_CP_NON_DIR_TO_DIR: [
    20,
    "Cannot overwrite directory with non-directory: cp returned ENOTDIR"
  ]
} as const

export type Code = ErrorCode | keyof typeof ofNode

/** Thrown inside of the disk, and always caught by the operation that it refuses. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly code: Code
  /** What the error shall say instead of what was asked. */
  readonly but: Partial<Asked>
}> {}

export const refuse = (code: Code, but: Partial<Asked> = {}): never => {
  throw new Refused({ code, but })
}

/** Who asked for what: the method of Effect, the call below it, and what it was about. */
export interface Asked {
  readonly method: string
  readonly syscall: string
  readonly path?: string | undefined
  readonly to?: string | undefined
  /** For calls on an open file: then the message names no path. */
  readonly descriptor?: number | undefined
  /** What the message says in place of the path. */
  readonly about?: string | undefined
}

/** The error that `NodeFileSystem` gives for this code. */
export const platformError = (code: Code, asked: Asked): PlatformError.PlatformError => {
  const { errno, message, tag } = describe(code, asked)
  const [path, to] = asked.descriptor === undefined ? [asked.path, asked.to] : []
  const cause = Object.assign(new Error(message), {
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
    pathOrDescriptor: asked.path ?? asked.descriptor,
    syscall: asked.syscall,
    cause
  })
}

const describe = (code: Code, { about, descriptor, path, syscall, to }: Asked) => {
  if (isOfNode(code)) {
    const [errno, text] = ofNode[code]
    return { errno, tag: "Unknown", message: `${text} ${about ?? path}` } as const
  }
  const [errno, text, tag] = table[code]
  const from = path === undefined || descriptor !== undefined ? "" : ` '${about ?? path}'`
  const target = to === undefined || descriptor !== undefined ? "" : ` -> '${to}'`
  return { errno, tag, message: `${code}: ${text}, ${syscall}${from}${target}` }
}

const isOfNode = (code: Code): code is keyof typeof ofNode => code in ofNode

/** The error that `NodeFileSystem` gives for an argument that no system is asked about. */
export const badArgument = (method: string, description: string): PlatformError.PlatformError =>
  PlatformError.badArgument({ module: "FileSystem", method, description })
