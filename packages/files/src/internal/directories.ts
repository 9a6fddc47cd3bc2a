/** Directories that are there for good. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { step, type StepFailed, syncDirectory } from "./steps.ts"

/** Creates a directory and those above it, as far as they are missing, and makes their names durable. */
export const make = Effect.fnUntraced(function* (
  directory: string
): Effect.fn.Return<void, StepFailed, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const missing: Array<string> = []
  for (let at = directory; !(yield* step("open", at, fs.exists(at))); at = paths.dirname(at)) {
    missing.unshift(at)
  }
  for (const path of missing) {
    yield* step("open", path, makeOne(fs, path))
    yield* step("syncDirectory", path, syncDirectory(fs, paths.dirname(path)))
  }
})

/** Not with `recursive`, with which Node never comes back from some file systems, such as `/proc`. */
const makeOne = (fs: FileSystem.FileSystem, path: string) =>
  Effect.catchIf(
    fs.makeDirectory(path),
    ({ reason }) => reason._tag === "AlreadyExists",
    () => Effect.void
  )
