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
import type * as Scope from "effect/Scope"
import * as Directories from "./internal/directories.ts"
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

/**
 * A file on its way: nobody sees it before it is published.
 *
 * @since 0.1.0
 */
export interface OpenFile {
  /** Adds bytes at the end. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, WriteFailed>
  /** Makes it durable, and visible at its path. Once. */
  readonly publish: Effect.Effect<void, WriteFailed>
}

type Services = FileSystem.FileSystem | Path.Path

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
): Effect.Effect<void, WriteFailed, Services> => Effect.asVoid(writeAll([{ path, content }]))

/**
 * Writes many files, each as by `write`, with one fsync for each directory when all are there.
 *
 * Directories that are missing are created. Fails at the first file that cannot be written. Files that
 * were renamed by then are whole, but may be undone by a power loss.
 *
 * @since 0.1.0
 */
export const writeAll = (entries: Iterable<Entry>): Effect.Effect<void, WriteFailed, Services> =>
  Effect.gen(function* () {
    const paths = yield* Path.Path
    const all = [...entries]
    const parents = new Set(all.map(({ path }) => paths.dirname(paths.resolve(path))))
    for (const parent of parents) yield* Directories.make(parent)
    const written = yield* Effect.forEach(all, replace, { concurrency })
    const directories = new Set(written.map((path) => paths.dirname(path)))
    yield* Effect.forEach(directories, syncNames, { concurrency, discard: true })
  }).pipe(Effect.mapError(toWriteFailed), Effect.uninterruptible)

/**
 * Opens a file that is written bit by bit, and published as by `write`. When the scope closes before
 * that, nothing of it is left.
 *
 * @since 0.1.0
 */
export const open = (path: string): Effect.Effect<OpenFile, WriteFailed, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const services = yield* Effect.context<Services>()
    const paths = yield* Path.Path
    const { publish, target, write } = yield* begin(path)
    return {
      write: (bytes: Uint8Array) => Effect.mapError(write(bytes), toWriteFailed),
      publish: Effect.andThen(publish, syncNames(paths.dirname(target))).pipe(
        Effect.mapError(toWriteFailed),
        Effect.uninterruptible,
        Effect.provide(services)
      )
    }
  }).pipe(Effect.mapError(toWriteFailed), Effect.uninterruptible)

const toWriteFailed = ({ cause, path, step }: StepFailed) => new WriteFailed({ path, step, cause })

/** Returns where the file is, with links resolved. */
const replace = Effect.fnUntraced(function* ({ content, path }: Entry) {
  const { publish, target, write } = yield* begin(path)
  yield* write(typeof content === "string" ? encoder.encode(content) : content)
  yield* publish
  return target
}, Effect.scoped)

/** A file under another name, which is removed with the scope unless it was published. */
const begin = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const { current, kind, path: target } = yield* step("open", path, resolveTarget(path))
  if (kind === "direct") {
    return yield* new StepFailed({ step: "open", path, cause: new NotRegular() })
  }
  const name = `.${paths.basename(target)}.${yield* nonce}.tmp`
  const temporary = paths.join(paths.dirname(target), name)
  let isPublished = false
  yield* Effect.addFinalizer(() =>
    isPublished ? Effect.void : Effect.ignore(fs.remove(temporary, { force: true }))
  )
  const { close, provide } = yield* closeable(temporary)
  const file = yield* named(path, provide(Replacement.create(temporary, current)))

  const write = Effect.fnUntraced(function* (bytes: Uint8Array) {
    for (let at = 0; at < bytes.length;) at += yield* writeSome(file, path, bytes.subarray(at))
  })

  const publish = Effect.gen(function* () {
    yield* step("sync", path, file.sync)
    yield* named(path, close)
    yield* step("rename", path, fs.rename(temporary, target))
    isPublished = true
  })
  return { target, write, publish }
})

/** Nobody knows the name that the file has meanwhile. */
const named = <A, R>(path: string, self: Effect.Effect<A, StepFailed, R>) =>
  Effect.mapError(self, ({ cause, step }) => new StepFailed({ step, path, cause }))

/** Eight hexadecimal digits. */
const nonce = Effect.map(Random.next, (random) =>
  Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, "0")
)

const syncNames = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  yield* step("syncDirectory", directory, syncDirectory(fs, directory))
})

/** It would be gone if a file took its place. */
class NotRegular extends Data.TaggedError("NotRegular") {
  override get message(): string {
    return "it is a device, a pipe or an open descriptor"
  }
}

const encoder = new TextEncoder()
