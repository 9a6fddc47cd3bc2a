/**
 * The list of a sink's files that are complete: how long each is, how many rows it has, and its hash.
 *
 * It is a file of JSON lines, `PATH.manifest.jsonl`, that only grows. What the last line about a file
 * says is true of its first `bytes` bytes; later ones, if there are any, are not in the manifest yet.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"

/**
 * A file that is complete.
 *
 * @since 0.1.0
 */
export class Entry extends Schema.Class<Entry>("@fibra/files/Manifest/Entry")({
  /** Relative to the directory of the manifest. */
  file: Schema.String,
  /** Rows of its partition in the files before it. */
  firstRow: Schema.Int,
  rows: Schema.Int,
  bytes: Schema.Int,
  /** Of these bytes, in hexadecimal digits. */
  sha256: Schema.String,
  /** Whether it was removed since then, because newer ones are enough. */
  removed: Schema.optionalKey(Schema.Boolean)
}) {}

/**
 * Where the manifest of a target is.
 *
 * @since 0.1.0
 */
export const pathOf = (target: string): string => `${target}.manifest.jsonl`

/**
 * The last entry of each file, by name; none when there is no manifest. A torn last line does not count.
 *
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<
  ReadonlyMap<string, Entry>,
  PlatformError | Schema.SchemaError,
  FileSystem.FileSystem
> {
  const fs = yield* FileSystem.FileSystem
  const entries = new Map<string, Entry>()
  const text = yield* Effect.catchIf(
    fs.readFileString(path),
    ({ reason }) => reason._tag === "NotFound",
    () => Effect.succeed("")
  )
  for (const line of text.split("\n").slice(0, -1)) {
    const entry = yield* decode(line)
    entries.delete(entry.file)
    entries.set(entry.file, entry)
  }
  return entries
})

const decode = Schema.decodeEffect(Schema.fromJsonString(Entry))
