/** Effect's handle of an open file, with its cursor, as `NodeFileSystem` has it. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { type PlatformError, systemError } from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import * as Descriptors from "./descriptors.ts"
import { badArgument } from "./errno.ts"
import { infoOf } from "./info.ts"

type Descriptor = Descriptors.Descriptor
type Disk = Descriptors.Disk

/** Opens a file until the scope closes. A close that fails is a defect, as with Node. */
export const open = (
  disk: Disk,
  path: string,
  options: Descriptors.OpenOptions | undefined
): Effect.Effect<FileSystem.File, PlatformError, Scope.Scope> =>
  Effect.acquireRelease(Descriptors.open(disk, path, options, { method: "open" }), (descriptor) =>
    Effect.orDie(Descriptors.close(disk, descriptor, { method: "open" }))
  ).pipe(Effect.map((descriptor) => handle(disk, descriptor)))

const handle = (disk: Disk, descriptor: Descriptor): FileSystem.File => {
  let cursor = 0n
  const appends = Descriptors.appends(descriptor)

  const readAt = (
    length: number,
    options: FileSystem.File.ReadOptions | undefined,
    method: string
  ) =>
    Effect.suspend(() => {
      const position = options?.position ?? cursor
      if (position < 0n) {
        return Effect.fail(badArgument(method, "Cannot read before the start of the file"))
      }
      return Descriptors.read(disk, descriptor, position, length, { method }).pipe(
        Effect.tap((bytes) => {
          if (options?.position === undefined) cursor = position + BigInt(bytes.length)
          return Effect.void
        })
      )
    })

  const write = (bytes: Uint8Array, method: string) =>
    Effect.suspend(() => {
      const position = cursor
      if (!appends && position > Number.MAX_SAFE_INTEGER) {
        const description = `position exceeds the safe integer range: ${position}`
        return Effect.fail(badArgument(method, description))
      }
      const at = appends ? "end" : Number(position)
      return Effect.map(Descriptors.write(disk, descriptor, at, bytes, { method }), (written) => {
        if (!appends) cursor = position + BigInt(written)
        return written
      })
    })

  return {
    [FileSystem.FileTypeId]: FileSystem.FileTypeId,
    stat: Effect.map(Descriptors.stat(disk, descriptor), infoOf),
    sync: Descriptors.sync(disk, descriptor),
    seek: (offset, from) =>
      Effect.suspend(() => {
        const position = from === "start" ? offset : cursor + offset
        if (position < 0n) {
          return Effect.fail(badArgument("seek", "Cannot seek before the start of the file"))
        }
        cursor = position
        return Effect.succeed(position)
      }),
    read: (buffer, options) =>
      Effect.map(readAt(buffer.length, options, "read"), (bytes) => {
        buffer.set(bytes)
        return bytes.length
      }),
    readAlloc: (size, options) =>
      Number.isInteger(size) && size >= 0
        ? Effect.map(readAt(size, options, "readAlloc"), (bytes) =>
            bytes.length === 0 ? Option.none() : Option.some(bytes)
          )
        : Effect.fail(badArgument("readAlloc", "size must be a non-negative integer")),
    truncate: (length = 0) =>
      Effect.map(Descriptors.truncate(disk, descriptor, length), () => {
        if (!appends && cursor > length) cursor = BigInt(length)
      }),
    write: (bytes) => write(bytes, "write"),
    writeAll: (bytes) => writeAll(descriptor, bytes, (rest) => write(rest, "writeAll"), "writeAll")
  }
}

/** Writes until everything is written. */
export const writeAll = (
  descriptor: Descriptor,
  bytes: Uint8Array,
  write: (bytes: Uint8Array) => Effect.Effect<number, PlatformError>,
  method: string
): Effect.Effect<void, PlatformError> =>
  Effect.suspend(() => {
    const wroteNothing = () =>
      systemError({
        module: "FileSystem",
        method,
        _tag: "WriteZero",
        pathOrDescriptor: descriptor.number,
        description: "write returned 0 bytes written"
      })
    let left = bytes
    return Effect.whileLoop({
      while: () => left.length > 0,
      body: () => Effect.filterOrFail(write(left), (written) => written > 0, wroteNothing),
      step: (written) => {
        left = left.subarray(written)
      }
    })
  })
