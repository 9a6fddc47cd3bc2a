/** The state of a disk, and what a POSIX system does with names on it: at once, or refused by a throw. */
import * as Result from "effect/Result"
import * as Changes from "./changes.ts"
import { refuse, Refused } from "./errno.ts"
import { type Follow, type Found, lookup, nodeOf } from "./lookup.ts"
import type { DirectoryNode, FileNode, LinkNode, Meta, Node } from "./nodes.ts"
import * as Sectors from "./sectors.ts"

export interface Volume {
  readonly limits: Limits
  readonly root: DirectoryNode
  readonly changes: Changes.Changes
  /** The time of the call that runs, in milliseconds. */
  now: number
  /** Bytes that files take, those without a name included. */
  usedBytes: number
  lastId: number
  lastDescriptor: number
}

export interface Limits {
  readonly sectorBytes: number
  capacityBytes: number
  readOnly: boolean
}

const umask = 0o022

/** An empty disk, with nothing but its root. */
export const make = (limits: Limits): Volume => {
  const root = directoryNode(1, newMeta(0o755, 0))
  return {
    limits,
    root,
    changes: Changes.make(),
    now: 0,
    usedBytes: 0,
    lastId: 1,
    lastDescriptor: 2
  }
}

const newMeta = (mode: number, now: number): Meta => ({
  mode,
  uid: 0,
  gid: 0,
  atime: now,
  mtime: now,
  birthtime: now
})

const common = (id: number, meta: Meta) => ({ id, meta, durableMeta: meta, links: 0 })

export const directoryNode = (id: number, meta: Meta): DirectoryNode => ({
  ...common(id, meta),
  type: "Directory",
  place: undefined,
  creation: undefined,
  entries: new Map(),
  durable: new Map(),
  pending: new Map()
})

export const fileNode = (id: number, meta: Meta, bytes: Sectors.Sectors): FileNode => ({
  ...common(id, meta),
  type: "File",
  bytes,
  handles: 0
})

export const linkNode = (id: number, meta: Meta, target: string): LinkNode => ({
  ...common(id, meta),
  type: "SymbolicLink",
  target
})

/** What the path names, through links; refuses when that is not there. */
export const nodeAt = (volume: Volume, path: string, follow: Follow = "all"): Node =>
  nodeOf(lookup(volume.root, path, follow)) ?? refuse("ENOENT")

export const directoryAt = (volume: Volume, path: string): DirectoryNode => {
  const node = nodeAt(volume, path)
  return node.type === "Directory" ? node : refuse("ENOTDIR")
}

/** What the path names, if anything; refuses as `nodeAt` does, but for nothing being there. */
export const nodeIfThere = (
  volume: Volume,
  path: string,
  follow: Follow = "all"
): Node | undefined =>
  Result.getOrThrowWith(
    Result.orElse(
      Result.try({ try: () => nodeAt(volume, path, follow), catch: (refused) => refused }),
      (refused) =>
        refused instanceof Refused && refused.code === "ENOENT"
          ? Result.succeed(undefined)
          : Result.fail(refused)
    ),
    (refused) => refused
  )

/** What the path names, if anything, whatever is in the way. */
export const nodeOrNone = (
  volume: Volume,
  path: string,
  follow: Follow = "all"
): Node | undefined => Result.getOrUndefined(Result.try(() => nodeAt(volume, path, follow)))

/** The directory that the path names, if it does. */
export const directoryOrNone = (
  volume: Volume,
  path: string,
  follow: Follow = "all"
): DirectoryNode | undefined => {
  const node = nodeOrNone(volume, path, follow)
  return node?.type === "Directory" ? node : undefined
}

/** Whether the path names anything, be it a link to nothing. */
export const isThere = (volume: Volume, path: string): boolean =>
  nodeOrNone(volume, path, "slash") !== undefined

/** Everything that changes the disk asks first. */
export const checkWritable = (volume: Volume): void => {
  if (volume.limits.readOnly) refuse("EROFS")
}

export const setMeta = (volume: Volume, node: Node, meta: Partial<Meta>): void => {
  checkWritable(volume)
  node.meta = { ...node.meta, ...meta }
}

export const createFile = (volume: Volume, found: Found, mode = 0o666): FileNode => {
  const bytes = Sectors.make(volume.limits.sectorBytes)
  const node = fileNode(++volume.lastId, newMeta(mode & ~umask, volume.now), bytes)
  place(volume, "create", found, node)
  return node
}

export const makeDirectory = (volume: Volume, path: string, mode = 0o777): void => {
  const found = lookup(volume.root, path, "none")
  if (found.node !== undefined) refuse("EEXIST")
  const node = directoryNode(++volume.lastId, newMeta(mode & ~umask, volume.now))
  place(volume, "mkdir", found, node)
}

export const symlink = (volume: Volume, target: string, path: string): void => {
  if (target === "") refuse("ENOENT")
  const found = lookup(volume.root, path, "none")
  if (found.node !== undefined) refuse("EEXIST")
  if (found.asDirectory) refuse("ENOENT")
  const node = linkNode(++volume.lastId, newMeta(0o777, volume.now), target)
  place(volume, "symlink", found, node)
}

export const link = (volume: Volume, from: string, path: string): void => {
  const node = nodeAt(volume, from, "slash")
  const found = lookup(volume.root, path, "none")
  if (found.node !== undefined) refuse("EEXIST")
  if (node.type === "Directory") refuse("EPERM")
  if (found.asDirectory) refuse("ENOENT")
  place(volume, "link", found, node)
}

/** Gives a node a name that was free. */
const place = (volume: Volume, verb: string, { directory, name, realPath }: Found, node: Node) => {
  if (name === undefined) return refuse("EEXIST")
  const created = node.type === "Directory" ? node : undefined
  change(volume, { what: `${verb} ${realPath}`, slots: [{ directory, name, node }], created })
  node.links++
  if (created !== undefined) created.place = { parent: directory, name }
}

/** Removes the name of anything but a directory. */
export const unlink = (volume: Volume, path: string): void => {
  const found = lookup(volume.root, path, "none")
  const { directory, name, realPath } = found
  const node = nodeOf(found)
  if (node === undefined) return refuse("ENOENT")
  if (node.type === "Directory" || name === undefined) return refuse("EISDIR")
  change(volume, { what: `unlink ${realPath}`, slots: [{ directory, name, node: undefined }] })
  lose(volume, node)
}

export const removeDirectory = (volume: Volume, path: string): void => {
  const found = lookup(volume.root, path, "none")
  const { directory, name, realPath } = found
  const node = nodeOf(found)
  if (node === undefined) return refuse("ENOENT")
  if (node.type !== "Directory") return refuse("ENOTDIR")
  if (name === undefined) return refuse("EBUSY")
  if (node.entries.size > 0) return refuse("ENOTEMPTY")
  const slots = [{ directory, name, node: undefined }]
  change(volume, { what: `rmdir ${realPath}`, slots, removed: node })
  lose(volume, node)
}

export const rename = (volume: Volume, from: string, to: string): void => {
  const source = lookup(volume.root, from, "none")
  const target = lookup(volume.root, to, "none")
  if (source.name === undefined || target.name === undefined) return refuse("EBUSY")
  const node = nodeOf(source) ?? refuse("ENOENT")
  const replaced = nodeOf(target)
  if (node === replaced) return
  if (node.type === "Directory") {
    if (isWithin(target.directory, node)) return refuse("EINVAL")
    if (replaced !== undefined && replaced.type !== "Directory") return refuse("ENOTDIR")
    if (replaced !== undefined && replaced.entries.size > 0) return refuse("ENOTEMPTY")
  } else {
    if (target.asDirectory) return refuse("ENOTDIR")
    if (replaced?.type === "Directory") {
      return refuse(isWithin(source.directory, replaced) ? "ENOTEMPTY" : "EISDIR")
    }
  }
  change(volume, {
    what: `rename ${source.realPath} -> ${target.realPath}`,
    slots: [
      { directory: source.directory, name: source.name, node: undefined },
      { directory: target.directory, name: target.name, node }
    ],
    removed: replaced?.type === "Directory" ? replaced : undefined,
    moved: source.directory === target.directory ? undefined : { node, into: target.directory }
  })
  if (replaced !== undefined) lose(volume, replaced)
  if (node.type === "Directory") node.place = { parent: target.directory, name: target.name }
}

export const isWithin = (directory: DirectoryNode, other: DirectoryNode): boolean => {
  for (let at: DirectoryNode | undefined = directory; at !== undefined; at = at.place?.parent) {
    if (at === other) return true
  }
  return false
}

const change = (volume: Volume, change: Parameters<Changes.Changes["add"]>[0]) => {
  checkWritable(volume)
  volume.changes.add(change)
  for (const { directory } of change.slots) setMeta(volume, directory, { mtime: volume.now })
}

/** A node has one name less. */
const lose = (volume: Volume, node: Node) => {
  node.links--
  if (node.type === "Directory") node.place = undefined
  if (node.type === "File") release(volume, node)
}

/** The bytes of a file are free when it has neither a name nor a handle. */
export const release = (volume: Volume, node: FileNode): void => {
  if (node.links === 0 && node.handles === 0) volume.usedBytes -= node.bytes.size
}
