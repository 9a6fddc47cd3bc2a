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
type Options<Method extends "makeDirectory" | "remove" | "makeTempFile"> = Parameters<
  FileSystem.FileSystem[Method]
>[Method extends "makeTempFile" ? 0 : 1]

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
    (descriptor) => {
      let position = 0
      const appends = Descriptors.appends(descriptor)
      const write = (rest: Uint8Array) =>
        Effect.map(
          Descriptors.write(disk, descriptor, appends ? "end" : position, rest, as),
          (written) => {
            position += written
            return written
          }
        )
      return writeAll(descriptor, bytes, write, as.method)
    },
    (descriptor) => Descriptors.close(disk, descriptor, as)
  )

/** With `recursive`, one operation for each directory that is missing. */
export const makeDirectory = (
  disk: Disk,
  path: string,
  options: Options<"makeDirectory">
): Call<void> => {
  const { gate, volume } = disk
  const mkdir = (at: string, isLast: boolean) =>
    gate.run({ kind: "makeDirectory", method: "makeDirectory", syscall: "mkdir", path }, () => {
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
        !isLast && lookup(volume.root, at, true).node?.type === "Directory"
          ? Effect.void
          : mkdir(at, isLast)
      )
    },
    { discard: true }
  )
}

const isDirectory = (volume: Volume.Volume, path: string, isLast: boolean): boolean => {
  const { node } = lookup(volume.root, path, true)
  if (node !== undefined && node.type !== "Directory") refuse(isLast ? "EEXIST" : "ENOTDIR")
  return node !== undefined
}

const prefixesOf = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/").filter((part) => part !== "")
  return parts.length === 0 ? [path] : parts.map((_, index) => parts.slice(0, index + 1).join("/"))
}

/** With `recursive`, one operation for each name that goes, those below first. */
export const remove = (
  disk: Disk,
  path: string,
  options: Options<"remove">,
  method: string
): Call<void> => {
  const { gate, volume } = disk
  const recursive = options?.recursive === true
  const removeOne = (at: string): Call<void> =>
    gate.run({ kind: "remove", method, syscall: "rm", path: at }, () => {
      const { node } = lookup(volume.root, at, false)
      if (node === undefined) return options?.force === true ? undefined : refuse("ENOENT", "lstat")
      if (node.type !== "Directory") return Volume.unlink(volume, at)
      return recursive ? Volume.removeDirectory(volume, at) : refuse("EISDIR")
    })
  const removeAll = (at: string): Call<void> =>
    Effect.suspend(() => {
      const { node } = lookup(volume.root, at, false)
      const names = node?.type === "Directory" ? [...node.entries.keys()] : []
      return Effect.andThen(
        Effect.forEach(names, (name) => removeAll(join(at, name)), { discard: true }),
        removeOne(at)
      )
    })
  return recursive ? removeAll(path) : removeOne(path)
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

export const makeTempDirectory = (
  { gate, volume }: Disk,
  dice: Dice,
  options: Options<"makeTempFile">,
  method: string
): Call<string> => {
  const template = `${join(options?.directory ?? "/tmp", options?.prefix ?? "")}`
  const path = `${template}XXXXXX`
  return gate.run({ kind: "makeDirectory", method, syscall: "mkdtemp", path }, () => {
    const found = () => template + Array.from({ length: 6 }, () => letters[dice.below(62)]).join("")
    let name = found()
    while (lookup(volume.root, name, false).node !== undefined) name = found()
    Volume.makeDirectory(volume, name, 0o700)
    return name
  })
}

export const makeTempFile = (
  disk: Disk,
  dice: Dice,
  options: Options<"makeTempFile">,
  method: string
): Call<string> =>
  Effect.gen(function* () {
    const directory = yield* makeTempDirectory(disk, dice, options, method)
    const name = Array.from({ length: 12 }, () => dice.below(16).toString(16)).join("")
    const path = join(directory, name + (options?.suffix ?? ""))
    yield* writeFile(disk, path, new Uint8Array(0), { flag: "w" }, { method: "writeFile" })
    return path
  })
