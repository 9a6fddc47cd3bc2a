/** The files of one partition, of which rows go to the last one. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as Manifest from "../Manifest.ts"
import * as Directories from "./directories.ts"
import type { FileNames } from "./fileNames.ts"
import type * as LogFile from "./logFile.ts"
import type { ManifestFile } from "./manifestFile.ts"
import * as OpenLog from "./openLog.ts"
import type { RowBytes } from "./rowBytes.ts"
import { step, type StepFailed } from "./steps.ts"
import type { Position } from "./target.ts"

/** When a file is followed by the next one, and how many are kept. */
export interface Rotation {
  readonly rowsMax: number
  readonly bytesMax: number
  readonly every: Duration.Duration
  /** Files of a partition, with the one that is written to. */
  readonly filesMax: number
}

export interface Settings extends OpenLog.Settings {
  readonly names: FileNames
  readonly rotation: Rotation | undefined
  readonly manifest: ManifestFile | undefined
}

export interface Series {
  readonly write: (rows: RowBytes) => Effect.Effect<void, StepFailed>
  readonly sync: Effect.Effect<void, StepFailed>
  readonly commitUnsafe: () => void
  /** Closes files that are followed by others, after a commit. */
  readonly retire: Effect.Effect<void, StepFailed>
  readonly position: () => Position
  /** All that was written to the last file. */
  readonly written: () => Position
  /** Closes the last file too. */
  readonly close: Effect.Effect<void, StepFailed>
  /** Takes back what is not committed, and closes. */
  readonly rollback: Effect.Effect<void, StepFailed>
}

type Services = FileSystem.FileSystem | Path.Path | Scope.Scope

export const open = Effect.fnUntraced(function* (
  partition: string,
  settings: Settings
): Effect.fn.Return<Series, StepFailed, Services> {
  const { manifest, names, rotation, shape } = settings
  const services = yield* Effect.context<Services>()
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const directory = names.directoryOf(partition)
  if (partition !== "") yield* Directories.make(directory)
  const numbers = yield* numbersIn(directory, names)
  const pathOf = (number: number) => paths.join(directory, names.nameOf(number))

  const openFile = Effect.fnUntraced(function* (number: number, firstRow: number) {
    const log = yield* OpenLog.open(pathOf(number), settings)
    return { log, number, firstRow, since: yield* Clock.currentTimeMillis }
  }, Effect.provide(services))

  const entryOf = ({ firstRow, log }: Live): Manifest.Entry =>
    new Manifest.Entry({
      file: names.relative(log.path),
      firstRow,
      ...log.committed,
      sha256: log.sha256()
    })

  /** Lists closed files of which a crash has kept the manifest from knowing; returns their rows. */
  const listMissing = Effect.fnUntraced(function* (manifest: ManifestFile) {
    const closed = numbers.slice(0, -1)
    // They are listed in order: all before one that is complete in the manifest are too.
    const missing: Array<number> = []
    let last: Manifest.Entry | undefined
    for (let number = closed.pop(); number !== undefined; number = closed.pop()) {
      const { size } = yield* step("open", pathOf(number), fs.stat(pathOf(number)))
      const entry = manifest.find(names.relative(pathOf(number)))
      if (entry?.bytes === Number(size)) last = entry
      if (last !== undefined) break
      missing.unshift(number)
    }
    let firstRow = last === undefined ? 0 : last.firstRow + last.rows
    for (const number of missing) {
      const found = yield* openFile(number, firstRow)
      yield* manifest.add([entryOf(found)])
      yield* found.log.close
      firstRow += found.log.committed.rows
    }
    return firstRow
  })

  const firstRow = manifest === undefined ? 0 : yield* listMissing(manifest)
  let live: Live = yield* openFile(numbers.at(-1) ?? (rotation === undefined ? 0 : 1), firstRow)
  let retired: Array<Live> = []
  let oldest = numbers[0] ?? live.number

  /** How many rows after the first `from` still go into the last file. */
  const room = (rows: RowBytes, from: number, now: number): number => {
    if (rotation === undefined) return rows.rows - from
    const { written } = live.log
    if (written.rows > 0 && now - live.since >= Duration.toMillis(rotation.every)) return 0
    const byRows = Math.min(rows.rows - from, rotation.rowsMax - written.rows)
    if (shape.codec !== undefined) return written.bytes >= rotation.bytesMax ? 0 : byRows
    const byBytes = rows.rowsUpTo(rows.endOf(from) + rotation.bytesMax - written.bytes) - from
    // A row that is longer than a whole file gets one of its own.
    return Math.min(byRows, Math.max(byBytes, written.rows === 0 ? 1 : 0))
  }

  const write = Effect.fnUntraced(function* (rows: RowBytes) {
    const now = yield* Clock.currentTimeMillis
    for (let from = 0; from < rows.rows;) {
      const count = room(rows, from, now)
      if (count <= 0) {
        const { firstRow, log, number } = live
        const next = yield* openFile(number + 1, firstRow + log.written.rows)
        retired.push(live)
        live = next
        continue
      }
      const bytes = rows.bytes.subarray(rows.endOf(from), rows.endOf(from + count))
      yield* live.log.write(bytes, count)
      from += count
    }
  })

  const each = (use: (log: LogFile.LogFile) => Effect.Effect<void, StepFailed>) =>
    Effect.suspend(() =>
      Effect.forEach([...retired, live], ({ log }) => use(log), { discard: true })
    )

  /** First out of the manifest, then out of the directory. */
  const removeOld = Effect.gen(function* () {
    const old: Array<number> = []
    while (live.number - oldest >= (rotation?.filesMax ?? Infinity)) old.push(oldest++)
    const files = old.map((number) => names.relative(pathOf(number)))
    const gone = { firstRow: 0, rows: 0, bytes: 0, sha256: "", removed: true }
    yield* manifest?.add(files.map((file) => new Manifest.Entry({ file, ...gone }))) ?? Effect.void
    for (const number of old) {
      yield* step("remove", pathOf(number), fs.remove(pathOf(number), { force: true }))
    }
  })

  const retire = Effect.gen(function* () {
    if (retired.length === 0) return
    const done = retired
    retired = []
    for (const { log } of done) yield* Effect.andThen(log.sync, log.close)
    yield* manifest?.add(done.map(entryOf)) ?? Effect.void
    yield* removeOld
  })

  const close = Effect.gen(function* () {
    const { log } = live
    yield* log.sync
    if (log.committed.rows > 0) yield* manifest?.add([entryOf(live)]) ?? Effect.void
    yield* log.close
  })

  return {
    write,
    sync: each(({ sync }) => sync),
    commitUnsafe: () => {
      for (const { log } of [...retired, live]) log.commitUnsafe()
    },
    // The hash is that of more than was committed: the next opening makes the entry of the manifest.
    rollback: each(({ close, rollback, sync }) =>
      Effect.andThen(rollback, Effect.andThen(sync, close))
    ),
    retire,
    position: () => ({ path: live.log.path, ...live.log.committed }),
    written: () => ({ path: live.log.path, ...live.log.written }),
    close
  }
})

interface Live {
  readonly log: LogFile.LogFile
  readonly number: number
  /** Rows of the partition in the files before it. */
  readonly firstRow: number
  /** When it was opened. */
  readonly since: number
}

const numbersIn = Effect.fnUntraced(function* (directory: string, names: FileNames) {
  const fs = yield* FileSystem.FileSystem
  const found = yield* step("open", directory, fs.readDirectory(directory))
  return found
    .map(names.numberOf)
    .filter((number) => number !== undefined)
    .toSorted((a, b) => a - b)
})
