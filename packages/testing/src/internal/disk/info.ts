import * as ByteSize from "effect/ByteSize"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { Node } from "./nodes.ts"

const typeBits = { File: 0o100000, Directory: 0o040000, SymbolicLink: 0o120000 }
const blockBytes = 4096

export const infoOf = (node: Node): FileSystem.File.Info => {
  const { atime, birthtime, gid, mode, mtime, uid } = node.meta
  const size = sizeOf(node)
  return {
    type: node.type,
    mtime: Option.some(new Date(mtime)),
    atime: Option.some(new Date(atime)),
    birthtime: Option.some(new Date(birthtime)),
    dev: 1n,
    ino: Option.some(BigInt(node.id)),
    mode: typeBits[node.type] | mode,
    nlink: Option.some(BigInt(linksOf(node))),
    uid: Option.some(uid),
    gid: Option.some(gid),
    rdev: Option.some(0n),
    size: ByteSize.bytes(size),
    blksize: Option.some(ByteSize.bytes(blockBytes)),
    blocks: Option.some(BigInt(Math.ceil(size / blockBytes) * (blockBytes / 512)))
  }
}

const sizeOf = (node: Node): number => {
  if (node.type === "File") return node.bytes.size
  return node.type === "SymbolicLink" ? new TextEncoder().encode(node.target).length : blockBytes
}

/** A directory is named by the one above, by itself, and by each one below. */
const linksOf = (node: Node): number => {
  if (node.type !== "Directory") return node.links
  const below = [...node.entries.values()].filter(({ type }) => type === "Directory")
  return 2 + below.length
}
