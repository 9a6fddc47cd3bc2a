/** Effect's `FileSystem` over a disk, with the results and the errors of `NodeFileSystem`. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { copy, copyFile } from "./copies.ts"
import * as Descriptors from "./descriptors.ts"
import type { Dice } from "./dice.ts"
import { badArgument, refuse } from "./errno.ts"
import * as Handle from "./handle.ts"
import { infoOf } from "./info.ts"
import { join, lookup } from "./lookup.ts"
import type { DirectoryNode } from "./nodes.ts"
import * as Trees from "./trees.ts"
import * as Volume from "./volume.ts"

export const make = (disk: Descriptors.Disk, dice: Dice): FileSystem.FileSystem => {
  const { gate, volume } = disk

  const stat = (method: "stat" | "lstat") => (path: string) =>
    gate.run({ kind: "stat", method, syscall: method, path }, () =>
      infoOf(Volume.nodeAt(volume, path, method === "stat" ? "all" : "slash"))
    )
  const setMeta =
    (kind: "chmod" | "chown" | "utimes", syscall: string, method: string = kind) =>
    (path: string, meta: Parameters<typeof Volume.setMeta>[2]) =>
      gate.run({ kind, method, syscall, path }, () =>
        Volume.setMeta(volume, Volume.nodeAt(volume, path), meta)
      )
  const [chmod, chown] = [setMeta("chmod", "chmod"), setMeta("chown", "chown")]
  const utimes = setMeta("utimes", "utime", "utime")
  const list = (method: string, path: string) =>
    gate.run({ kind: "readDirectory", method, syscall: "scandir", path }, () =>
      Volume.directoryAt(volume, path)
    )

  return FileSystem.make({
    access: (path, options) =>
      gate.run({ kind: "access", method: "access", syscall: "access", path }, () => {
        Volume.nodeAt(volume, path)
        if (options?.writable === true) Volume.checkWritable(volume)
      }),
    chmod: (path, mode) => chmod(path, { mode: mode & 0o7777 }),
    chown: (path, uid, gid) => chown(path, { uid, gid }),
    copy: (from, to, options) => copy(disk, from, to, options),
    copyFile: (from, to) => copyFile(disk, from, to, "copyFile"),
    link: (path, to) =>
      gate.run({ kind: "link", method: "link", syscall: "link", path, to }, () =>
        Volume.link(volume, path, to)
      ),
    lstat: stat("lstat"),
    makeDirectory: (path, options) => Trees.makeDirectory(disk, path, options, "makeDirectory"),
    makeTempDirectory: (options) =>
      Trees.makeTempDirectory(disk, dice, options, "makeTempDirectory"),
    makeTempDirectoryScoped: (options) =>
      Effect.acquireRelease(
        Trees.makeTempDirectory(disk, dice, options, "makeTempDirectoryScoped"),
        (directory) => Effect.orDie(Trees.remove(disk, directory, all, "makeTempDirectoryScoped"))
      ),
    makeTempFile: (options) => Trees.makeTempFile(disk, dice, options, "makeTempFile"),
    makeTempFileScoped: (options) =>
      Effect.acquireRelease(
        Trees.makeTempFile(disk, dice, options, "makeTempFileScoped"),
        (file) => {
          const directory = file.slice(0, file.lastIndexOf("/"))
          return Effect.orDie(Trees.remove(disk, directory, all, "makeTempFileScoped"))
        }
      ),
    open: (path, options) => Handle.open(disk, path, options),
    readDirectory: (path, options) =>
      Effect.map(list("readDirectory", path), (directory) =>
        options?.recursive === true
          ? namesBelow(volume, path, directory, "")
          : [...directory.entries.keys()]
      ),
    readDirectoryEntries: (path) =>
      Effect.map(list("readDirectoryEntries", path), ({ entries }) =>
        Array.from(entries, ([name, { type }]) => ({ name, type }))
      ),
    readFile: (path) =>
      gate.run({ kind: "read", method: "readFile", syscall: "open", path }, () => {
        const node = Volume.nodeAt(volume, path)
        return node.type === "File"
          ? node.bytes.read(0, node.bytes.size)
          : refuse("EISDIR", { syscall: "read", descriptor: 0 })
      }),
    readLink: (path) =>
      gate.run({ kind: "readLink", method: "readLink", syscall: "readlink", path }, () => {
        const node = Volume.nodeAt(volume, path, "slash")
        return node.type === "SymbolicLink" ? node.target : refuse("EINVAL")
      }),
    realPath: (path) =>
      gate.run({ kind: "realPath", method: "realPath", syscall: "lstat", path }, () => {
        const { node, realPath } = lookup(volume.root, path, "all")
        return node === undefined ? refuse("ENOENT") : realPath
      }),
    remove: (path, options) => Trees.remove(disk, path, options, "remove"),
    rename: (path, to) =>
      gate.run({ kind: "rename", method: "rename", syscall: "rename", path, to }, () =>
        Volume.rename(volume, path, to)
      ),
    stat: stat("stat"),
    symlink: (path, to) =>
      gate.run({ kind: "symlink", method: "symlink", syscall: "symlink", path, to }, () =>
        Volume.symlink(volume, path, to)
      ),
    truncate: (path, length) =>
      gate.run({ kind: "truncate", method: "truncate", syscall: "open", path }, () => {
        const node = Volume.nodeAt(volume, path)
        if (node.type !== "File") return refuse("EISDIR")
        Descriptors.resize(volume, node, Math.max(0, length ?? 0))
      }),
    utimes: (path, atime, mtime) =>
      utimes(path, { atime: millisOf(atime), mtime: millisOf(mtime) }),
    watch: () =>
      Stream.fail(
        badArgument("watch", "SimFileSystem does not watch; ask with stat from time to time")
      ),
    writeFile: (path, data, options) =>
      Trees.writeFile(disk, path, data, { flag: "w", ...options }, { method: "writeFile", path })
  })
}

const all = { recursive: true, force: true }

/** Seconds, as in Node, or a date. */
const millisOf = (time: Date | number): number =>
  typeof time === "number" ? time * 1000 : time.getTime()

/** As Node does it, through links to directories too: a link to a directory above goes round 40 times. */
const namesBelow = (
  volume: Volume.Volume,
  path: string,
  directory: DirectoryNode,
  prefix: string
): Array<string> =>
  [...directory.entries.keys()].flatMap((name) => {
    const below = Volume.directoryOrNone(volume, join(path, name))
    const names = below && namesBelow(volume, join(path, name), below, `${prefix}${name}/`)
    return [prefix + name, ...(names ?? [])]
  })
