/**
 * Puts in order what a writer left behind that was killed, or whose machine lost its power.
 *
 * A new `FileSink` does the same for the files that it opens. This is for those who want to read the files
 * without writing to them, and for files that no sink will open again.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as Format from "./Format.ts"
import * as FileNames from "./internal/fileNames.ts"
import * as OpenLog from "./internal/openLog.ts"
import { reasonOf } from "./internal/reasonOf.ts"
import * as Replacement from "./internal/replacement.ts"
import { type Compression, shapeOf } from "./internal/shape.ts"
import { step } from "./internal/steps.ts"
import * as Manifest from "./Manifest.ts"
import * as TargetLock from "./TargetLock.ts"

/**
 * Something could not be put in order. What was done before stays done; `recover` can be run again.
 *
 * @since 0.1.0
 */
export class RecoveryFailed extends Data.TaggedError("RecoveryFailed")<{
  readonly path: string
  readonly cause: unknown
}> {
  override get message(): string {
    return `cannot recover ${this.path}: ${reasonOf(this.cause)}`
  }
}

/**
 * What was written, and how; as in the options of the sink that wrote it.
 *
 * @since 0.1.0
 */
export interface Options<Row> {
  readonly path: string
  readonly format: Format.Format<Row>
  readonly compression?: Compression | undefined
  /** Whether there are several files, `rows.000001.jsonl` and so on. Default `false`. */
  readonly isRotated?: boolean | undefined
  /** Whether there are files in the directories beside `PATH` too. Default `false`. */
  readonly isPartitioned?: boolean | undefined
  /**
   * What becomes of the whole records in `PATH.partial`: they stay there (`keep`, the default), they
   * become `PATH` (`publish`), or they are removed (`drop`).
   */
  readonly partial?: "keep" | "publish" | "drop" | undefined
}

/**
 * A file that holds rows.
 *
 * @since 0.1.0
 */
export interface Recovered {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  /** Bytes at its end that were no whole record, and are gone. */
  readonly bytesCut: number
}

/**
 * What was found, and what was done.
 *
 * @since 0.1.0
 */
export interface Report {
  /** Files with rows, of which each is durable and ends with a whole record. */
  readonly files: ReadonlyArray<Recovered>
  /** `PATH.partial`, when there was one, and what became of it. */
  readonly partial: (Recovered & { readonly became: "kept" | "published" | "dropped" }) | undefined
  /** Files of no use to anybody that were removed: unfinished writes of `AtomicFile`, `PATH.spill`. */
  readonly removed: ReadonlyArray<string>
}

/**
 * Cuts what is torn, finishes or drops what is partial, and removes what was temporary.
 *
 * Fails with `TargetLocked` while a writer is alive. What is cut is kept as `PATH.torn.1` unless a writer
 * of the file was killed, since then it is nothing but its last write. `path` may be a directory of files
 * that `AtomicFile` writes: then the unfinished ones in it are removed.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/rows.jsonl`
 * yield* fs.writeFileString(path, '{"id":1}\n{"id":')
 * const { files } = yield* Recovery.recover({ path, format: Format.jsonl })
 * files // => [{ path, rows: 1, bytes: 9, bytesCut: 6 }]
 * ```
 *
 * @since 0.1.0
 */
export const recover = <Row>(
  options: Options<Row>
): Effect.Effect<
  Report,
  RecoveryFailed | TargetLock.TargetLocked,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const path = paths.resolve(options.path)
    const isDirectory = (yield* fs.exists(path)) && (yield* fs.stat(path)).type === "Directory"
    if (isDirectory) {
      return { files: [], partial: undefined, removed: yield* removeTemporary(path, true, "") }
    }
    const { wasKilled } = yield* TargetLock.acquire(path)
    const settings = { shape: shapeOf(options), wasKilled, isHashed: false }
    const isPartitioned = options.isPartitioned ?? false
    const files: Array<Recovered> = []
    const names = FileNames.make(paths, path, options.isRotated ?? false)
    for (const name of yield* fs.readDirectory(names.root, { recursive: isPartitioned })) {
      if (names.numberOf(paths.basename(name)) === undefined) continue
      files.push(yield* cutTorn(paths.join(names.root, name), settings))
    }
    const manifest = Manifest.pathOf(path)
    if (yield* fs.exists(manifest)) yield* cutTorn(manifest, { ...settings, shape: plain })
    return {
      files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      partial: yield* settle(path, options.partial ?? "keep", settings),
      removed: yield* removeTemporary(names.root, isPartitioned, paths.basename(path))
    }
  }).pipe(
    Effect.scoped,
    Effect.catchTags({
      PlatformError: (cause) => Effect.fail(new RecoveryFailed({ path: options.path, cause })),
      StepFailed: ({ cause, path }) => Effect.fail(new RecoveryFailed({ path, cause }))
    }),
    Effect.uninterruptible
  )

const plain = { quoted: false, header: undefined, codec: undefined }

const cutTorn = Effect.fnUntraced(function* (path: string, settings: OpenLog.Settings) {
  const fs = yield* FileSystem.FileSystem
  const before = Number((yield* fs.stat(path)).size)
  const log = yield* OpenLog.open(path, settings)
  yield* log.close
  return { path, ...log.committed, bytesCut: before - log.committed.bytes }
}, Effect.scoped)

const became = { keep: "kept", publish: "published", drop: "dropped" } as const

const settle = Effect.fnUntraced(function* (
  path: string,
  partial: keyof typeof became,
  settings: OpenLog.Settings
) {
  const fs = yield* FileSystem.FileSystem
  const from = `${path}.partial`
  if (!(yield* fs.exists(from))) return undefined
  const found = yield* cutTorn(from, settings)
  if (partial === "publish") yield* Replacement.publish(from, path)
  if (partial === "drop") yield* step("remove", from, fs.remove(from))
  return { ...found, became: became[partial] }
})

/** Those of one file, or all when the name is empty. */
const removeTemporary = Effect.fnUntraced(function* (
  directory: string,
  isDeep: boolean,
  name: string
) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const removed: Array<string> = []
  for (const found of yield* fs.readDirectory(directory, { recursive: isDeep })) {
    const base = paths.basename(found)
    const isUnfinished = base.startsWith(`.${name}`) && /.\.[0-9a-f]{8}\.tmp$/.test(base)
    // Its rows were never acknowledged.
    const isTemporary = isUnfinished || (name !== "" && base === `${name}.spill`)
    if (!isTemporary) continue
    const path = paths.join(directory, found)
    yield* fs.remove(path, { force: true })
    removed.push(path)
  }
  return removed.toSorted()
})
