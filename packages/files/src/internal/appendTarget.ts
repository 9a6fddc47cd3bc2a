/** Files that grow where they are, over the lives of many sinks: one for each partition, or several. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import type { Lengths } from "./commit.ts"
import * as FileNames from "./fileNames.ts"
import * as ManifestFile from "./manifestFile.ts"
import { copyTorn } from "./numberedCopies.ts"
import * as Series from "./series.ts"
import { statIfThere } from "./resolveTarget.ts"
import { closeable, step, StepFailed, syncDirectory } from "./steps.ts"
import type { Target } from "./target.ts"
import type { Shape } from "./wholeRecords.ts"

export interface Settings {
  readonly shape: Shape
  readonly wasKilled: boolean
  readonly rotation: Series.Rotation | undefined
  readonly hasManifest: boolean
  /** Files of partitions that are open at once; no group touches more of them. */
  readonly openFilesMax: number
  readonly isPartitioned: boolean
  /** How far files are committed, where a hook knows. */
  readonly lengths: Lengths | undefined
}

type Services = FileSystem.FileSystem | Path.Path | Scope.Scope

/** Files whose writes and syncs are under way at once. */
const concurrency = 8

export const open = Effect.fnUntraced(function* (
  path: string,
  settings: Settings
): Effect.fn.Return<Target, StepFailed, Services> {
  const services = yield* Effect.context<Services>()
  const names = FileNames.make(yield* Path.Path, path, settings.rotation !== undefined)
  if (settings.lengths !== undefined) yield* cutBack(settings.lengths, names, settings.wasKilled)
  const manifest = settings.hasManifest ? yield* ManifestFile.open(path) : undefined
  // In the order of their last use, the latest at the end.
  const opened = new Map<string, Series.Series>()
  let touched: Array<Series.Series> = []
  // Whether a file was opened since the last `prepare`.
  let hasUnknown = false

  const openSeries = Effect.fnUntraced(function* (partition: string) {
    const { rotation, shape, wasKilled } = settings
    const isHashed = manifest !== undefined
    const series = yield* Series.open(partition, {
      names,
      manifest,
      rotation,
      shape,
      wasKilled,
      isHashed
    })
    opened.set(partition, series)
    hasUnknown = true
    return series
  }, Effect.provide(services))

  const use = Effect.fnUntraced(function* (partition: string) {
    const series = opened.get(partition) ?? (yield* openSeries(partition))
    opened.delete(partition)
    opened.set(partition, series)
    return series
  })

  const makeRoom = Effect.fnUntraced(function* (partitions: ReadonlySet<string>) {
    const missing = [...partitions].filter((partition) => !opened.has(partition)).length
    for (const [partition, series] of opened) {
      if (opened.size + missing <= settings.openFilesMax) return
      if (partitions.has(partition)) continue
      opened.delete(partition)
      yield* series.close
    }
  })

  const prepare: Target["prepare"] = Effect.fnUntraced(function* (parts) {
    yield* makeRoom(new Set(parts.keys()))
    touched = []
    for (const partition of parts.keys()) touched.push(yield* use(partition))
    const hasOpened = hasUnknown
    hasUnknown = false
    return hasOpened
  })

  const write: Target["write"] = (parts) =>
    Effect.forEach(parts, ([partition, rows]) => opened.get(partition)!.write(rows), {
      concurrency,
      discard: true
    })

  const each = (
    series: () => Iterable<Series.Series>,
    step: (series: Series.Series) => Effect.Effect<void, StepFailed>
  ) => Effect.suspend(() => Effect.forEach(series(), step, { concurrency, discard: true }))

  // One by one, so that the manifest has them in order.
  const close = Effect.gen(function* () {
    for (const series of opened.values()) yield* series.close
    yield* manifest?.close ?? Effect.void
  })

  const rollback = Effect.gen(function* () {
    for (const series of opened.values()) yield* series.rollback
    yield* manifest?.close ?? Effect.void
  })

  if (!settings.isPartitioned) yield* use("")
  return {
    path,
    rowsPath: path,
    isFile: true,
    prepare,
    write,
    sync: each(
      () => opened.values(),
      ({ sync }) => sync
    ),
    lengths: () =>
      Object.fromEntries(
        Array.from(opened.values(), ({ written }) => {
          const { bytes, path, rows } = written()
          return [names.relative(path), { bytes, rows }]
        })
      ),
    commitUnsafe: () => {
      for (const series of touched) series.commitUnsafe()
    },
    settle: each(
      () => touched,
      ({ retire }) => retire
    ),
    position: (partition) => opened.get(partition)?.position() ?? { path, rows: 0, bytes: 0 },
    rollback,
    finish: close,
    abandon: close
  }
})

/** Cuts what no commit knows of: what is behind a file's length, and the files that were to follow it. */
const cutBack = Effect.fnUntraced(function* (
  lengths: Lengths,
  names: FileNames.FileNames,
  wasKilled: boolean
) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  for (const [file, { bytes }] of Object.entries(lengths)) {
    const path = paths.join(names.root, file)
    const found = yield* step("open", path, statIfThere(fs.stat(path)))
    if (Number(found?.size ?? 0) < bytes) {
      return yield* new StepFailed({ step: "open", path, cause: new Shorter({ bytes }) })
    }
    if (found === undefined) continue
    // A writer that has closed the file has committed all of its own. Length 0 means to start anew.
    const isForeign = !wasKilled && bytes > 0 && Number(found.size) > bytes
    yield* cutAt(path, bytes, isForeign)
    yield* removeAfter(path, names)
  }
})

const cutAt = Effect.fnUntraced(function* (path: string, bytes: number, isKept: boolean) {
  const fs = yield* FileSystem.FileSystem
  const { close, provide } = yield* closeable(path)
  const file = yield* step("open", path, provide(fs.open(path, { flag: "r+" })))
  if (isKept) {
    const kept = yield* step("open", path, copyTorn(file, path, bytes))
    yield* Effect.logWarning(
      `${path}: somebody else has written behind its last commit; that is cut, and kept as ${kept}`
    )
  }
  yield* step("open", path, file.truncate(bytes))
  yield* step("sync", path, file.sync)
  yield* close
}, Effect.scoped)

const removeAfter = Effect.fnUntraced(function* (path: string, names: FileNames.FileNames) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const directory = paths.dirname(path)
  const number = names.numberOf(paths.basename(path)) ?? 0
  for (const name of yield* step("open", directory, fs.readDirectory(directory))) {
    if ((names.numberOf(name) ?? 0) <= number) continue
    yield* step("remove", path, fs.remove(paths.join(directory, name)))
  }
  yield* step("syncDirectory", path, syncDirectory(fs, directory))
})

/** Somebody else has changed the file. */
class Shorter extends Data.TaggedError("Shorter")<{ readonly bytes: number }> {
  override get message(): string {
    return `it is shorter than the ${this.bytes} bytes that were committed`
  }
}
