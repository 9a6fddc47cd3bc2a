/** What is in the way is kept, as `PATH.partial.1`, `.2` and so on; nothing is ever deleted. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { statIfThere } from "./resolveTarget.ts"
import { readAt } from "./members.ts"

/** Moves what an earlier run left behind to the first free number. */
export const keepAside = Effect.fnUntraced(function* (
  partial: string
): Effect.fn.Return<void, PlatformError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* isThere(partial))) return
  const kept = yield* firstFree(partial)
  yield* fs.rename(partial, kept)
  yield* Effect.logWarning(`an earlier run left ${partial}; it is kept as ${kept}`)
})

/** Copies what will be cut from the end of a file to the first free `PATH.torn.N`, and returns that. */
export const copyTorn = Effect.fnUntraced(function* (
  file: FileSystem.File,
  path: string,
  from: number
): Effect.fn.Return<string, PlatformError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const kept = yield* firstFree(`${path}.torn`)
  yield* Effect.scoped(
    Effect.gen(function* () {
      const copy = yield* fs.open(kept, { flag: "wx" })
      for (let at = from; ; at += readBytesMax) {
        const bytes = yield* readAt(file, at, readBytesMax)
        yield* copy.writeAll(bytes)
        if (bytes.length < readBytesMax) return yield* copy.sync
      }
    })
  )
  return kept
})

const readBytesMax = 1024 * 1024

const firstFree = Effect.fnUntraced(function* (path: string) {
  let number = 1
  while (yield* isThere(`${path}.${number}`)) number++
  return `${path}.${number}`
})

const isThere = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* statIfThere(fs.lstat(path))) !== undefined
})
