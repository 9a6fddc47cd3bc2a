/** What lies on a disk: files, directories and symbolic links, each with a state that is durable. */
import type { Sectors } from "./sectors.ts"

export type Node = FileNode | DirectoryNode | LinkNode

interface Common {
  readonly id: number
  meta: Meta
  durableMeta: Meta
  /** How many names it has. */
  links: number
}

export interface FileNode extends Common {
  readonly type: "File"
  readonly bytes: Sectors
  /** Open handles: a file without names lives until the last of them is closed. */
  handles: number
}

export interface DirectoryNode extends Common {
  readonly type: "Directory"
  /** Where it is; `undefined` for the root, and for a directory that was removed. */
  place: { readonly parent: DirectoryNode; readonly name: string } | undefined
  /** The change that made it, durable or not; none of the root. */
  creation: Change | undefined
  readonly entries: Map<string, Node>
  /** The entries that survive any crash. */
  readonly durable: Map<string, Node>
  /** By name, the last change that a crash could undo. */
  readonly pending: Map<string, Change>
}

export interface LinkNode extends Common {
  readonly type: "SymbolicLink"
  readonly target: string
}

export interface Meta {
  /** Permissions, without the type of the node. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly atime: number
  readonly mtime: number
  readonly birthtime: number
}

/** A change of names, that a crash undoes whole or not at all. */
export interface Change {
  readonly number: number
  /** In words, such as `rename /a -> /b`. */
  readonly what: string
  readonly slots: ReadonlyArray<Slot>
  /** Changes without which this one cannot be; those that are durable by now are among them. */
  readonly after: ReadonlyArray<Change>
}

/** A name in a directory, and what it shall name: nothing, if there is no node. */
export interface Slot {
  readonly directory: DirectoryNode
  readonly name: string
  readonly node: Node | undefined
}
