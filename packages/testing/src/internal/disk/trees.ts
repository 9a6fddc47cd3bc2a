/** What takes more than one operation of the system, and can be cut between them. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Descriptors from "./descriptors.ts"
import type { Dice } from "./dice.ts"
import { refuse } from "./errno.ts"
import { writeAll } from "./handle.ts"
import { join, lookup } from "./lookup.ts"
import * as Volume from "./volume.ts"

type Disk = Descriptors.Disk
type Call<A> = Effect.Effect<A, PlatformError>
type MakeOptions = Parameters<FileSystem.FileSystem["makeDirectory"]>[1]
type RemoveOptions = Parameters<FileSystem.FileSystem["remove"]>[1]
type TempOptions = Parameters<FileSystem.FileSystem["makeTempFile"]>[0]

/** Opens, writes and closes. */
export const writeFile = (
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  options: Descriptors.OpenOptions,
  as: Descriptors.As
): Call<void> =>
  Effect.acquireUseRelease(
    Descriptors.open(disk, path, options, as),
    (descriptor) => writeTo(disk, descriptor, bytes, as),
    (descriptor) => Descriptors.close(disk, descriptor, as)
  )

/** Writes everything, from the start of the file or at its end. */
export const writeTo = (
  disk: Disk,
  descriptor: Descriptors.Descriptor,
  bytes: Uint8Array,
  as: Descriptors.As
): Call<void> =>
  Effect.suspend(() => {
    let position = 0
    const write = (rest: Uint8Array) => {
      const at = Descriptors.appends(descriptor) ? "end" : position
      return Effect.map(Descriptors.write(disk, descriptor, at, rest, as), (written) => {
        position += written
        return written
      })
    }
    // Node asks the system to write nothing, too, and fails if it may not write.
    return bytes.length === 0
      ? Effect.asVoid(write(bytes))
      : writeAll(descriptor, bytes, write, as.method)
  })

/** With `recursive`, one operation for each directory that is missing. */
export const makeDirectory = (
  disk: Disk,
  path: string,
  options: MakeOptions,
  method: string
): Call<void> => {
  const { gate, volume } = disk
  const mkdir = (at: string, isLast: boolean) =>
    gate.run({ kind: "makeDirectory", method, syscall: "mkdir", path }, () => {
      if (options?.recursive === true && isDirectory(volume, at, isLast)) return
      Volume.makeDirectory(volume, at, options?.mode)
    })
  if (options?.recursive !== true) return mkdir(path, true)
  const prefixes = prefixesOf(path)
  return Effect.forEach(
    prefixes,
    (at, index) => {
      const isLast = index === prefixes.length - 1
      return Effect.suspend(() =>
        !isLast && Volume.directoryOrNone(volume, at) !== undefined
          ? Effect.void
          : mkdir(at, isLast)
      )
    },
    { discard: true }
  )
}

const isDirectory = (volume: Volume.Volume, path: string, isLast: boolean): boolean => {
  const { asDirectory, node } = lookup(volume.root, path, "all")
  if (node === undefined && Volume.isThere(volume, path)) {
    return refuse(isLast ? "ENOENT" : "ENOTDIR", { about: path })
  }
  if (node === undefined || node.type === "Directory") return node !== undefined
  return refuse(isLast && !asDirectory ? "EEXIST" : "ENOTDIR")
}

const prefixesOf = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/").filter((part) => part !== "")
  if (parts.length === 0) return [path]
  const prefixes = parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)
  return [...prefixes.slice(0, -1), path]
}

/** With `recursive`, one operation for each name that goes, those below first. */
export const remove = (
  disk: Disk,
  path: string,
  options: RemoveOptions,
  method: string
): Call<void> => {
  const { gate, volume } = disk
  const recursive = options?.recursive === true
  const removeOne = (at: string): Call<void> =>
    gate.run({ kind: "remove", method, syscall: "lstat", path: at }, () => {
      const node = Volume.nodeAt(volume, at, "slash")
      if (node.type !== "Directory") return Volume.unlink(volume, at)
      return recursive
        ? Volume.removeDirectory(volume, at)
        : refuse("ERR_FS_EISDIR", { syscall: "rm" })
    })
  const removeAll = (at: string): Call<void> =>
    Effect.suspend(() => {
      const names = Volume.directoryOrNone(volume, at, "none")?.entries.keys() ?? []
      return Effect.andThen(
        Effect.forEach([...names], (name) => removeAll(join(at, name)), { discard: true }),
        removeOne(at)
      )
    })
  const removed = recursive ? removeAll(path) : removeOne(path)
  return options?.force === true ? Effect.catchIf(removed, isNotFound, () => Effect.void) : removed
}

const isNotFound = (error: PlatformError) => error.reason._tag === "NotFound"

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

export const makeTempDirectory = (
  { gate, volume }: Disk,
  dice: Dice,
  options: TempOptions,
  method: string
): Call<string> => {
  const template = join(options?.directory ?? "/tmp", options?.prefix ?? "")
  const random = () => Array.from({ length: 6 }, () => letters[dice.below(62)]).join("")
  const request = { method, syscall: "mkdtemp", path: template } as const
  return gate.run({ kind: "makeDirectory", ...request }, () => {
    let name = template + random()
    while (lookup(volume.root, name, "none").node !== undefined) name = template + random()
    Volume.makeDirectory(volume, name, 0o700)
    return name
  })
}

export const makeTempFile = (
  disk: Disk,
  dice: Dice,
  options: TempOptions,
  method: string
): Call<string> =>
  Effect.gen(function* () {
    const directory = yield* makeTempDirectory(disk, dice, options, method)
    const name = Array.from({ length: 12 }, () => dice.below(16).toString(16)).join("")
    const path = join(directory, name + (options?.suffix ?? ""))
    yield* writeFile(disk, path, new Uint8Array(0), { flag: "w" }, { method: "writeFile", path })
    return path
  })
