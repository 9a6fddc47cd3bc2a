/** Open files as the system knows them, and the calls on them. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { type Asked, refuse } from "./errno.ts"
import { lookup, nodeOf } from "./lookup.ts"
import type { DirectoryNode, FileNode } from "./nodes.ts"
import type { Gate, Request } from "./operations.ts"
import * as Volume from "./volume.ts"

export interface Disk {
  readonly volume: Volume.Volume
  readonly gate: Gate
}

export type OpenOptions = NonNullable<Parameters<FileSystem.FileSystem["open"]>[1]>

export interface Descriptor {
  readonly number: number
  /** The path that it was opened by. */
  readonly path: string
  readonly node: FileNode | DirectoryNode
  readonly flag: FileSystem.OpenFlag
  isOpen: boolean
}

type Call<A> = Effect.Effect<A, PlatformError>

const fileBytesMax = 2 ** 30

export const appends = ({ flag }: Descriptor): boolean => flag.startsWith("a")
const reads = ({ flag }: Descriptor): boolean => flag === "r" || flag.endsWith("+")
const writes = ({ flag }: Descriptor): boolean => flag !== "r"

/** In whose name a call is made: what errors shall say of it. */
export type As = Partial<Asked> & { readonly method: string }

export const open = (
  { gate, volume }: Disk,
  path: string,
  options: OpenOptions | undefined,
  as: As
): Call<Descriptor> =>
  gate.run({ kind: "open", syscall: "open", path, ...as }, () => {
    const flag = options?.flag ?? "r"
    const node = openNode(volume, path, flag, options)
    if (node.type === "File") node.handles++
    return { number: ++volume.lastDescriptor, path, node, flag, isOpen: true }
  })

const openNode = (
  volume: Volume.Volume,
  path: string,
  flag: FileSystem.OpenFlag,
  options: OpenOptions | undefined
): FileNode | DirectoryNode => {
  const exclusive = flag.includes("x")
  const found = lookup(volume.root, path, exclusive || options?.noFollow === true ? "slash" : "all")
  if (found.asDirectory && !flag.startsWith("r")) return refuse("EISDIR")
  const node = nodeOf(found)
  if (node === undefined) {
    return flag.startsWith("r") ? refuse("ENOENT") : Volume.createFile(volume, found, options?.mode)
  }
  if (exclusive) return refuse("EEXIST")
  if (node.type === "SymbolicLink") return refuse("ELOOP")
  if (flag === "r") return node
  if (node.type === "Directory") return refuse("EISDIR")
  Volume.checkWritable(volume)
  if (flag.startsWith("w")) resize(volume, node, 0)
  return node
}

export const close = ({ gate, volume }: Disk, descriptor: Descriptor, as: As): Call<void> => {
  // As with Linux, a close that fails has closed the file all the same.
  const end = () => {
    if (!descriptor.isOpen) return refuse("EBADF")
    descriptor.isOpen = false
    if (descriptor.node.type !== "File") return
    descriptor.node.handles--
    Volume.release(volume, descriptor.node)
  }
  // The scopes of a dead machine shall be able to close.
  return Effect.suspend(() =>
    gate.isOff ? Effect.void : gate.run(requestOf(descriptor, "close", "close", as), end, end)
  )
}

/** The bytes from `position` on, at most `length`; none at or past the end. */
export const read = (
  { gate }: Disk,
  descriptor: Descriptor,
  position: bigint,
  length: number,
  as: As
): Call<Uint8Array> =>
  gate.run({ ...requestOf(descriptor, "read", "read", as), bytes: length }, (bytesMax) => {
    const { node } = descriptor
    if (!descriptor.isOpen || !reads(descriptor)) return refuse("EBADF")
    if (node.type === "Directory") return refuse("EISDIR")
    const start = Number(position)
    return node.bytes.read(start, start + Math.min(length, bytesMax))
  })

/** Writes what there is room for, at the position or at the end, and returns how much that was. */
export const write = (
  { gate, volume }: Disk,
  descriptor: Descriptor,
  position: number | "end",
  bytes: Uint8Array,
  as: As
): Call<number> =>
  gate.run({ ...requestOf(descriptor, "write", "write", as), bytes: bytes.length }, (max) => {
    const { node } = descriptor
    if (!descriptor.isOpen || !writes(descriptor)) return refuse("EBADF")
    if (node.type === "Directory") return refuse("EISDIR")
    Volume.checkWritable(volume)
    if (bytes.length === 0) return 0
    const start = position === "end" ? node.bytes.size : position
    const room = node.bytes.size + volume.limits.capacityBytes - volume.usedBytes - start
    const length = Math.min(bytes.length, max, Math.max(0, room))
    if (room <= 0) return refuse("ENOSPC")
    if (start + length > fileBytesMax) return refuse("EFBIG")
    const before = node.bytes.size
    node.bytes.write(start, bytes.subarray(0, length))
    volume.usedBytes += node.bytes.size - before
    Volume.setMeta(volume, node, { mtime: volume.now })
    return length
  })

export const truncate = (
  { gate, volume }: Disk,
  descriptor: Descriptor,
  length: number
): Call<void> =>
  gate.run(requestOf(descriptor, "truncate", "ftruncate", { method: "truncate" }), () => {
    if (!descriptor.isOpen) return refuse("EBADF")
    const { node } = descriptor
    if (!writes(descriptor) || node.type === "Directory") return refuse("EINVAL")
    resize(volume, node, length)
  })

export const resize = (volume: Volume.Volume, node: FileNode, length: number): void => {
  Volume.checkWritable(volume)
  if (length > fileBytesMax) refuse("EFBIG")
  const more = length - node.bytes.size
  if (volume.usedBytes + more > volume.limits.capacityBytes) refuse("ENOSPC")
  volume.usedBytes += more
  node.bytes.truncate(length)
  Volume.setMeta(volume, node, { mtime: volume.now })
}

/** For a file its data and its metadata; for a directory the names in it. */
export const sync = ({ gate, volume }: Disk, descriptor: Descriptor): Call<void> => {
  const { node } = descriptor
  const make = () => {
    if (!descriptor.isOpen) return refuse("EBADF")
    if (node.type === "File") node.bytes.sync()
    else volume.changes.sync(node)
    node.durableMeta = node.meta
  }
  // The pages of a failed sync are clean for the system: no later sync writes them.
  const drop = () => {
    if (node.type === "File") node.bytes.drop()
  }
  return gate.run(requestOf(descriptor, "sync", "fsync", { method: "sync" }), make, drop)
}

export const chmod = (
  { gate, volume }: Disk,
  descriptor: Descriptor,
  mode: number,
  as: As
): Call<void> =>
  gate.run(requestOf(descriptor, "chmod", "fchmod", as), () =>
    Volume.setMeta(volume, descriptor.node, { mode })
  )

export const stat = ({ gate }: Disk, descriptor: Descriptor): Call<FileNode | DirectoryNode> =>
  gate.run(requestOf(descriptor, "stat", "fstat", { method: "stat" }), () =>
    descriptor.isOpen ? descriptor.node : refuse("EBADF")
  )

const requestOf = (
  { number, path }: Descriptor,
  kind: Request["kind"],
  syscall: string,
  as: As
): Request => ({ kind, syscall, subject: path, descriptor: number, ...as })
