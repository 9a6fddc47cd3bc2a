/** The real file system, with each step on a file written down, and a hand on each of them. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, FileSystem, Layer, PlatformError } from "effect"
import { basename } from "node:path"

export type Operation = "write" | "sync" | "truncate" | "close" | "rename"

export interface Hooks {
  /** Runs before a step; its failure is the step's failure. */
  readonly before?: (
    operation: Operation,
    name: string
  ) => Effect.Effect<void, PlatformError.PlatformError>
  /** Bytes that the system takes of one write. Default: all of them. */
  readonly takes?: (bytes: Uint8Array) => number
}

export const watched = (log: Array<string>, hooks: Hooks = {}) => {
  const step = <A>(
    operation: Operation,
    path: string,
    run: Effect.Effect<A, PlatformError.PlatformError>
  ) =>
    Effect.suspend(() => hooks.before?.(operation, basename(path)) ?? Effect.void).pipe(
      Effect.andThen(run),
      Effect.tap(() => Effect.sync(() => log.push(`${operation} ${basename(path)}`)))
    )
  const watchFile = (path: string, file: FileSystem.File): FileSystem.File => ({
    [FileSystem.FileTypeId]: FileSystem.FileTypeId,
    stat: file.stat,
    sync: step("sync", path, file.sync),
    seek: (offset, from) => file.seek(offset, from),
    read: (buffer, options) => file.read(buffer, options),
    readAlloc: (size, options) => file.readAlloc(size, options),
    truncate: (length) => step("truncate", path, file.truncate(length)),
    write: (bytes) =>
      step(
        "write",
        path,
        Effect.suspend(() => file.write(bytes.subarray(0, hooks.takes?.(bytes) ?? bytes.length)))
      ),
    writeAll: (bytes) => step("write", path, file.writeAll(bytes))
  })
  return Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (fs) => ({
      ...fs,
      open: (path, options) =>
        // As in the real layer, a close that fails is a defect.
        Effect.acquireRelease(fs.open(path, options), () =>
          Effect.orDie(hooks.before?.("close", basename(path)) ?? Effect.void)
        ).pipe(Effect.map((file) => watchFile(path, file))),
      // Root may run these tests, and could replace /dev/null for everybody.
      rename: (from, to) =>
        to.startsWith("/dev/")
          ? Effect.die(`a test would replace ${to}`)
          : step("rename", to, fs.rename(from, to))
    }))
  ).pipe(Layer.provideMerge(NodeServices.layer))
}

/** What a disk says when it is full. */
export const noSpace = () =>
  PlatformError.systemError({
    _tag: "Unknown",
    module: "FileSystem",
    method: "write",
    cause: new Error("ENOSPC: no space left on device, write")
  })

/** A path in a folder of its own, which is removed with the scope. */
export const freshPath = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return `${yield* fs.makeTempDirectoryScoped({ prefix: "fibra-files-" })}/rows.jsonl`
})

/** The rows of a file of whole lines; fails the test when the last line is torn. */
export const readRows = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(path)
  if (text !== "" && !text.endsWith("\n")) return yield* Effect.die(`torn last line in ${path}`)
  return text.split("\n").slice(0, -1)
})
