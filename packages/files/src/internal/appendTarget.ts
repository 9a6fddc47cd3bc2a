/** Files that grow where they are, over the lives of many sinks: one for each partition, or several. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as FileNames from "./fileNames.ts"
import * as ManifestFile from "./manifestFile.ts"
import * as Series from "./series.ts"
import { type StepFailed } from "./steps.ts"
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
  const manifest = settings.hasManifest ? yield* ManifestFile.open(path) : undefined
  // In the order of their last use, the latest at the end.
  const opened = new Map<string, Series.Series>()
  let touched: ReadonlyArray<Series.Series> = []

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

  const write: Target["write"] = Effect.fnUntraced(function* ({ parts }) {
    yield* makeRoom(new Set(parts.keys()))
    const used: Array<readonly [Series.Series, Parameters<Series.Series["write"]>[0]]> = []
    for (const [partition, rows] of parts) used.push([yield* use(partition), rows])
    touched = used.map(([series]) => series)
    yield* Effect.forEach(used, ([series, rows]) => series.write(rows), {
      concurrency,
      discard: true
    })
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
    write,
    sync: each(
      () => opened.values(),
      ({ sync }) => sync
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
