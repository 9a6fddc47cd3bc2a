/**
 * Whole files: a reader sees the old one or the new one, never a part, and after a power loss too.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Random from "effect/Random"
import { reasonOf } from "./internal/reasonOf.ts"
import * as Replacement from "./internal/replacement.ts"
import { resolveTarget } from "./internal/resolveTarget.ts"
import { closeable, step, StepFailed, syncDirectory, writeSome } from "./internal/steps.ts"

/**
 * A file was not written: what was at its path is still there, unless `step` is `syncDirectory`. Then the
 * new file is there, and a power loss may still undo that.
 *
 * @since 0.1.0
 */
export class WriteFailed extends Data.TaggedError("WriteFailed")<{
  readonly path: string
  readonly step: StepFailed["step"]
  readonly cause: unknown
}> {
  override get message(): string {
    return `cannot write ${this.path}: ${reasonOf(this.cause)}`
  }
}

/**
 * A file to be written.
 *
 * @since 0.1.0
 */
export interface Entry {
  readonly path: string
  readonly content: string | Uint8Array
}

/** Files that are written at once. */
const concurrency = 16

/**
 * Writes a file: to another name in its directory, fsync, rename, fsync of the directory.
 *
 * It gets the permissions and the owner of the file that it replaces. Symbolic links are followed and
 * stay; what is no regular file is refused. An interrupt waits for the end. A crash may leave a file
 * `.NAME.XXXXXXXX.tmp` in the directory, which `Recovery.recover` removes.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/config.json`
 * yield* AtomicFile.write(path, '{"retries":3}\n')
 * yield* fs.readFileString(path) // => '{"retries":3}\n'
 * ```
 *
 * @since 0.1.0
 */
export const write = (
  path: string,
  content: string | Uint8Array
): Effect.Effect<void, WriteFailed, FileSystem.FileSystem | Path.Path> =>
  Effect.asVoid(writeAll([{ path, content }]))

/**
 * Writes many files, each as by `write`, with one fsync for each directory when all are there.
 *
 * Fails at the first that cannot be written. Files that were renamed by then are whole, but may be undone
 * by a power loss.
 *
 * @since 0.1.0
 */
export const writeAll = (
  entries: Iterable<Entry>
): Effect.Effect<void, WriteFailed, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const written = yield* Effect.forEach(entries, replace, { concurrency })
    const directories = new Set(written.map((path) => paths.dirname(path)))
    yield* Effect.forEach(
      directories,
      (path) => step("syncDirectory", path, syncDirectory(fs, path)),
      { concurrency, discard: true }
    )
  }).pipe(
    Effect.mapError(({ cause, path, step }) => new WriteFailed({ path, step, cause })),
    Effect.uninterruptible
  )

/** Returns where the file is, with links resolved. */
const replace = Effect.fnUntraced(function* ({ content, path }: Entry) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const target = yield* step("open", path, resolveTarget(path))
  if (target.kind === "direct") {
    return yield* new StepFailed({ step: "open", path, cause: new NotRegular() })
  }
  const name = `.${paths.basename(target.path)}.${yield* nonce}.tmp`
  const temporary = paths.join(paths.dirname(target.path), name)
  const bytes = typeof content === "string" ? encoder.encode(content) : content
  yield* fill(temporary, bytes, target.current).pipe(
    Effect.andThen(step("rename", path, fs.rename(temporary, target.path))),
    Effect.mapError(({ cause, step }) => new StepFailed({ step, path, cause })),
    Effect.onError(() => Effect.ignore(fs.remove(temporary)))
  )
  return target.path
})

/** Eight hexadecimal digits. */
const nonce = Effect.map(Random.next, (random) =>
  Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, "0")
)

/** Creates a file with these bytes, durable. */
const fill = Effect.fnUntraced(function* (
  path: string,
  bytes: Uint8Array,
  current: FileSystem.File.Info | undefined
) {
  const { close, provide } = yield* closeable(path)
  const file = yield* provide(Replacement.create(path, current))
  for (let at = 0; at < bytes.length;) {
    at += yield* writeSome(file, path, bytes.subarray(at))
  }
  yield* step("sync", path, file.sync)
  yield* close
}, Effect.scoped)

/** It would be gone if a file took its place. */
class NotRegular extends Data.TaggedError("NotRegular") {
  override get message(): string {
    return "it is a device, a pipe or an open descriptor"
  }
}

const encoder = new TextEncoder()
