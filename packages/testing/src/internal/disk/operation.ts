/** What a program can ask of a disk. @since 0.1.0 */
export type OperationKind =
  | "access"
  | "chmod"
  | "chown"
  | "close"
  | "link"
  | "makeDirectory"
  | "open"
  | "read"
  | "readDirectory"
  | "readLink"
  | "realPath"
  | "remove"
  | "rename"
  | "stat"
  | "symlink"
  | "sync"
  | "truncate"
  | "utimes"
  | "write"

/**
 * One thing that the system is asked to do. Methods of `FileSystem` that take several are several:
 * `writeFile` is an `open`, a `write` and a `close`, and a recursive `remove` one for each name.
 *
 * @since 0.1.0
 */
export interface Operation {
  readonly kind: OperationKind
  /** As given; of an open file, as given when it was opened. */
  readonly path: string
  /** The second path of a `rename`, a `link` or a `symlink`. */
  readonly to: string | undefined
  /** The bytes that a `read` or a `write` asks for. */
  readonly bytes: number | undefined
}

/** An operation that was carried out or refused, in the order in which that happened. @since 0.1.0 */
export interface Done extends Operation {
  /** From 1. */
  readonly number: number
  /** The code of the error that it failed with. */
  readonly error: string | undefined
}

/** In words, such as `rename /a -> /b`. */
export const describe = ({ bytes, kind, path, to }: Operation): string =>
  `${kind} ${path}${to === undefined ? "" : ` -> ${to}`}${bytes === undefined ? "" : ` (${bytes} bytes)`}`
