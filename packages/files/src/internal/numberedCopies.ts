/** Partial files that are in the way are kept as `PATH.partial.1`, `.2` and so on. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { statIfThere } from "./resolveTarget.ts"

/** Moves what an earlier run left behind to the first free number; nothing is ever deleted. */
export const keepAside = Effect.fnUntraced(function* (
  partial: string
): Effect.fn.Return<void, PlatformError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* isThere(partial))) return
  let number = 1
  while (yield* isThere(`${partial}.${number}`)) number++
  const kept = `${partial}.${number}`
  yield* fs.rename(partial, kept)
  yield* Effect.logWarning(`an earlier run left ${partial}; it is kept as ${kept}`)
})

const isThere = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* statIfThere(fs.lstat(path))) !== undefined
})
