/** Copies of files and of trees, as `fs.copyFile` and `fs.cp` of Node make them. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Descriptors from "./descriptors.ts"
import { refuse } from "./errno.ts"
import { join } from "./lookup.ts"
import type { DirectoryNode, Node } from "./nodes.ts"
import * as Trees from "./trees.ts"
import * as Volume from "./volume.ts"

type Disk = Descriptors.Disk
type Call<A> = Effect.Effect<A, PlatformError>
type CopyOptions = Parameters<FileSystem.FileSystem["copy"]>[2]

/** As libuv does it: the mode is copied, and a copy that fails removes the target. */
export const copyFile = (disk: Disk, path: string, to: string, method: string): Call<void> => {
  const { gate, volume } = disk
  const as = { method, syscall: "copyfile", path, to, descriptor: undefined }
  const source = gate.run({ kind: "read", ...as }, () => {
    const node = Volume.nodeAt(volume, path)
    return { node, bytes: node.type === "File" ? node.bytes.read(0, node.bytes.size) : undefined }
  })
  const remove = gate.run({ kind: "remove", ...as }, () => Volume.unlink(volume, to))
  return Effect.flatMap(source, ({ bytes, node }) =>
    Effect.suspend(() => {
      if (Volume.nodeOrNone(volume, to) === node && node.type === "File") return Effect.void
      const { mode } = node.meta
      return Effect.acquireUseRelease(
        Descriptors.open(disk, to, { flag: "w", mode }, as),
        (descriptor) =>
          Effect.gen(function* () {
            yield* Descriptors.chmod(disk, descriptor, mode, as)
            if (bytes === undefined)
              return yield* gate.run({ kind: "read", ...as }, () => refuse("EISDIR"))
            yield* Trees.writeTo(disk, descriptor, bytes, as)
          }).pipe(Effect.tapError(() => Effect.ignore(remove))),
        (descriptor) => Descriptors.close(disk, descriptor, as)
      )
    })
  )
}

/** Files, directories with all that is in them, and links as links, to where they lead now. */
export const copy = (disk: Disk, from: string, to: string, options: CopyOptions): Call<void> =>
  Effect.gen(function* () {
    const pair = yield* check(disk, from, to)
    const parent = dirname(to)
    if (!Volume.isThere(disk.volume, parent)) {
      yield* Trees.makeDirectory(disk, parent, { recursive: true }, "copy")
    }
    yield* copyNode(disk, pair, options)
  })

interface Pair {
  readonly from: string
  readonly to: string
  readonly node: Node
  /** What is at the target already. */
  readonly there: Node | undefined
}

const dirname = (path: string): string => path.replace(/\/+$/, "").replace(/\/+[^/]*$/, "") || "/"

/** Refuses when the one cannot take the place of the other. */
const check = ({ gate, volume }: Disk, from: string, to: string): Call<Pair> => {
  const lstat = { kind: "stat", method: "copy", syscall: "lstat", path: from } as const
  const source = gate.run(lstat, () => Volume.nodeAt(volume, from, "slash"))
  return Effect.flatMap(source, (node) =>
    gate.run({ ...lstat, subject: to, about: to }, () => {
      const there = Volume.nodeIfThere(volume, to, "slash")
      const cp = (reason: string) => ({ syscall: "cp", about: `(${reason}) ${to}` })
      if (node === there) refuse("ERR_FS_CP_EINVAL", cp("src and dest cannot be the same"))
      if (node.type === "Directory") {
        if (there !== undefined && there.type !== "Directory") {
          const reason = `cannot overwrite non-directory ${to} with directory ${from}`
          refuse("ERR_FS_CP_DIR_TO_NON_DIR", cp(reason))
        }
        if (isBelow(volume, dirname(to), node)) {
          refuse("ERR_FS_CP_EINVAL", cp(`cannot copy ${from} to a subdirectory of self ${to}`))
        }
      } else if (there?.type === "Directory") {
        const reason = `cannot overwrite directory ${to} with non-directory ${from}`
        refuse("ERR_FS_CP_NON_DIR_TO_DIR", cp(reason))
      }
      return { from, to, node, there }
    })
  )
}

/** Whether the path, or as much of it as is there, leads into the directory. */
const isBelow = (volume: Volume.Volume, path: string, node: DirectoryNode): boolean => {
  let at = path
  while (at !== "/" && !Volume.isThere(volume, at)) at = dirname(at)
  const directory = Volume.directoryOrNone(volume, at)
  return directory !== undefined && Volume.isWithin(directory, node)
}

const copyNode = (disk: Disk, pair: Pair, options: CopyOptions): Call<void> => {
  switch (pair.node.type) {
    case "Directory":
      return copyDirectory(disk, pair, pair.node, options)
    case "SymbolicLink":
      return copyLink(disk, pair, pair.node.target)
    case "File":
      return copyOneFile(disk, pair, options)
  }
}

const copyOneFile = (disk: Disk, { from, node, there, to }: Pair, options: CopyOptions) =>
  Effect.gen(function* () {
    if (there !== undefined) {
      if (options?.overwrite !== true) return
      yield* removeOld(disk, to)
    }
    yield* copyFile(disk, from, to, "copy")
    if (options?.preserveTimestamps === true) yield* copyTimes(disk, to, node)
  })

const copyTimes = ({ gate, volume }: Disk, path: string, { meta }: Node): Call<void> =>
  gate.run({ kind: "utimes", method: "copy", syscall: "utime", path }, () => {
    const { atime, mtime } = meta
    Volume.setMeta(volume, Volume.nodeAt(volume, path), { atime, mtime })
  })

/** A link is replaced whether or not files are; anything else is in its way. */
const copyLink = (disk: Disk, { from, there, to }: Pair, target: string): Call<void> =>
  Effect.gen(function* () {
    const absolute = target.startsWith("/") ? target : join(dirname(from), target)
    if (there?.type === "SymbolicLink") {
      const stat = { kind: "stat", method: "copy", syscall: "stat", path: from } as const
      yield* disk.gate.run(stat, () => Volume.nodeAt(disk.volume, from))
      yield* removeOld(disk, to)
    }
    const request = { method: "copy", syscall: "symlink", path: from, about: absolute, to }
    yield* disk.gate.run({ kind: "symlink", ...request }, () =>
      Volume.symlink(disk.volume, absolute, to)
    )
  })

const removeOld = ({ gate, volume }: Disk, path: string): Call<void> =>
  gate.run({ kind: "remove", method: "copy", syscall: "unlink", path }, () =>
    Volume.unlink(volume, path)
  )

const copyDirectory = (
  disk: Disk,
  { from, there, to }: Pair,
  node: DirectoryNode,
  options: CopyOptions
): Call<void> =>
  Effect.gen(function* () {
    if (there === undefined) {
      yield* Trees.makeDirectory(disk, to, { mode: node.meta.mode }, "copy")
    }
    const names = [...node.entries.keys()]
    for (const name of names) {
      const pair = yield* check(disk, join(from, name), join(to, name))
      yield* copyNode(disk, pair, options)
    }
  })
