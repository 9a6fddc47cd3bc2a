/** The options of a sink: what they mean, their defaults, and what the parts of a sink make of them. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Format from "../Format.ts"
import * as SafePath from "../SafePath.ts"
import type * as Committer from "./committer.ts"
import type { CommitHook } from "./commit.ts"
import type * as GroupBuffer from "./groupBuffer.ts"
import type * as KeyIndex from "./keyIndex.ts"
import type * as OpenTarget from "./openTarget.ts"
import type * as Series from "./series.ts"
import { type Compression, shapeOf } from "./shape.ts"

/**
 * Defect: a limit of the sink is not a whole number of at least 1, or options do not go together.
 *
 * @since 0.1.0
 */
export class WrongOption extends Data.TaggedError("WrongOption")<{
  readonly option: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.option} ${this.reason}`
  }
}

/** What becomes of a row that finds the buffer full. @since 0.1.0 */
export type WhenFull = "wait" | "drop" | "spill"

/**
 * What a sink needs to know, and how much it may hold back.
 *
 * @since 0.1.0
 */
export interface Options<Row, Mark = never> {
  /**
   * The file to write. Symbolic links are followed and stay. A device, a pipe or `/dev/stdout` is
   * written directly; opening a pipe waits for its reader, and this wait cannot be interrupted. The
   * directory must be there.
   */
  readonly path: string
  readonly format: Format.Format<Row>
  /**
   * `append` (default): rows go to the end of the file, where readers see them. `replace`: they go to
   * `PATH.partial`, and only `finish` makes them visible, as the whole of `PATH`, in one step.
   * `exclusive`: as `replace`, but the sink does not open when there is a `PATH`.
   */
  readonly mode?: "append" | "replace" | "exclusive" | undefined
  /**
   * Each commit is compressed by itself, so that a file is readable up to its last commit. Groups of a
   * few rows compress badly: give them time with `batchEvery`. Default `none`.
   */
  readonly compression?: Compression | undefined
  /**
   * When a row counts as committed. `none`: the system has it, and it survives the end of the process
   * but not that of the machine. `{ interval }`: the same, and it is on the disk at most that much
   * later. `batch` (default): its group is on the disk. `always`: as `batch`, and each row is a group
   * of its own.
   */
  readonly fsync?: "none" | "batch" | "always" | { readonly interval: Duration.Input } | undefined
  /** Rows of one commit; at least 1. Default 10,000. */
  readonly batchRowsMax?: number | undefined
  /** Bytes of one commit, unless a single row is longer. Default 1 MiB. */
  readonly batchBytesMax?: number | undefined
  /**
   * The longest time that a row waits for others to be committed with. Default: 10 ms, but a row that
   * somebody waits for, by `offer`, only until the commit before it is done.
   */
  readonly batchEvery?: Duration.Input | undefined
  /** Rows in memory before producers wait; at least 1. Default 20,000. */
  readonly bufferRowsMax?: number | undefined
  /** Bytes in memory before producers wait, to which one row more may come. Default 8 MiB. */
  readonly bufferBytesMax?: number | undefined
  /**
   * What becomes of a row when the buffer is full. `wait` (default): its producer waits. `drop`: it is
   * refused with `RowDropped`, and counted. `spill`: what is in the buffer goes to `PATH.spill`, and
   * comes back in order when the writer has caught up; when that file is full too, producers wait.
   */
  readonly whenFull?: WhenFull | undefined
  /** Bytes of `PATH.spill`; at least 1. Default 1 GiB. */
  readonly spillBytesMax?: number | undefined
  /** Rows go to a sequence of files, `rows.000001.jsonl` and so on. Only with the mode `append`. */
  readonly rotate?: Rotation | undefined
  /** Rows go to files in directories beside `PATH`, by what is in them. Only with the mode `append`. */
  readonly partition?: Partition<Row> | undefined
  /**
   * Whether `PATH.manifest.jsonl` lists files that are complete (see `Manifest`): those that were
   * followed by another one, and all when the sink ends. Only with the mode `append`. Default `false`.
   */
  readonly manifest?: boolean | undefined
  /** Rows that are there already are taken and not written again. Only with the mode `append`. */
  readonly unique?: Unique<Row> | undefined
  /**
   * Where commits are saved together with state of the caller's own (see `CommitHook`). With it every
   * group is durable when it is saved, unless `fsync` is `none`. Only with the mode `append`.
   */
  readonly commit?: CommitHook<Mark> | undefined
}

/**
 * How to tell that a row is there already.
 *
 * When the sink is opened, the keys of the rows in its files are read, of the latest ones if there are
 * too many; then those of the rows that are written are added.
 *
 * @since 0.1.0
 */
export interface Unique<Row> {
  /** Equal for rows of which one is enough. */
  readonly by: (row: Row) => string
  /** Keys that are remembered, at least 1; the oldest are forgotten. Default 100,000. */
  readonly keysMax?: number | undefined
}

/**
 * When a file is followed by the next one; whichever comes first. It is looked at when rows come.
 *
 * @since 0.1.0
 */
export interface Rotation {
  /** Rows of a file. Default: no limit. */
  readonly rowsMax?: number | undefined
  /**
   * Bytes of a file, unless it is one row that is longer; of a compressed file the last commit may go
   * over it. Default: no limit.
   */
  readonly bytesMax?: number | undefined
  /** The time since this sink has opened the file. Default: no limit. */
  readonly every?: Duration.Input | undefined
  /** Files that are kept, of each partition; older ones are removed. Default: all. */
  readonly filesMax?: number | undefined
}

/**
 * How rows are divided among files.
 *
 * @since 0.1.0
 */
export interface Partition<in Row> {
  /**
   * The directory of a row, relative to that of `PATH`: a path that `SafePath.parse` takes. A row with
   * another one is refused.
   */
  readonly by: (row: Row) => string
  /** Files that are open at once, at least 1; those not used for longest are closed. Default 64. */
  readonly openFilesMax?: number | undefined
}

/**
 * What a sink takes when an option is absent.
 *
 * @since 0.1.0
 */
export const defaults = {
  mode: "append",
  compression: "none",
  fsync: "batch",
  batchRowsMax: 10_000,
  batchBytesMax: 1024 * 1024,
  batchEvery: "10 millis",
  bufferRowsMax: 20_000,
  bufferBytesMax: 8 * 1024 * 1024,
  whenFull: "wait",
  spillBytesMax: 1024 * 1024 * 1024,
  openFilesMax: 64,
  keysMax: 100_000
} as const

export interface Settings<Row, Mark> {
  readonly limits: GroupBuffer.Limits
  readonly whenFull: WhenFull
  readonly spillBytesMax: number
  readonly target: OpenTarget.Settings
  readonly commit: Committer.Settings<Mark>
  readonly unique: KeyIndex.Settings<Row> | undefined
  readonly partitionOf: (row: Row) => Result.Result<string, Format.RowNotEncodable>
}

/** Dies with `WrongOption`. */
export const decode = Effect.fnUntraced(function* <Row, Mark>(
  options: Options<Row, Mark>
): Effect.fn.Return<Settings<Row, Mark>> {
  const { commit, mode, partition, path, rotate, unique } = options
  yield* checkLimits(options)
  yield* checkMode(options)
  // What a hook saves must not be ahead of the rows, unless that was asked for.
  const isDurable = commit !== undefined && options.fsync !== "none"
  const fsync = isDurable ? "batch" : (options.fsync ?? defaults.fsync)
  const openFilesMax = partition?.openFilesMax ?? defaults.openFilesMax
  const several = { isRotated: rotate !== undefined, isPartitioned: partition !== undefined }
  return {
    limits: {
      batchRowsMax:
        options.fsync === "always" ? 1 : (options.batchRowsMax ?? defaults.batchRowsMax),
      batchBytesMax: options.batchBytesMax ?? defaults.batchBytesMax,
      batchEvery: Duration.fromInputUnsafe(options.batchEvery ?? defaults.batchEvery),
      offersWait: options.batchEvery !== undefined,
      batchPartsMax: openFilesMax,
      bufferRowsMax: options.bufferRowsMax ?? defaults.bufferRowsMax,
      bufferBytesMax: options.bufferBytesMax ?? defaults.bufferBytesMax
    },
    whenFull: options.whenFull ?? defaults.whenFull,
    spillBytesMax: options.spillBytesMax ?? defaults.spillBytesMax,
    target: {
      path,
      mode: mode ?? defaults.mode,
      shape: shapeOf(options),
      rotation: rotate === undefined ? undefined : rotationOf(rotate),
      hasManifest: options.manifest ?? false,
      isPartitioned: several.isPartitioned,
      openFilesMax,
      loadLengths: commit?.load ?? Effect.undefined
    },
    commit: { syncWithin: syncWithin(fsync), hook: commit },
    unique: unique && {
      ...several,
      keyOf: unique.by,
      keysMax: unique.keysMax ?? defaults.keysMax,
      reading: options
    },
    partitionOf: partition === undefined ? noPartition : partitionBy(partition)
  }
})

const syncWithin = (fsync: NonNullable<Options<never>["fsync"]>): Duration.Duration => {
  if (typeof fsync === "object") return Duration.fromInputUnsafe(fsync.interval)
  return fsync === "none" ? Duration.infinity : Duration.zero
}

const rotationOf = ({ bytesMax, every, filesMax, rowsMax }: Rotation): Series.Rotation => ({
  rowsMax: rowsMax ?? Infinity,
  bytesMax: bytesMax ?? Infinity,
  every: Duration.fromInputUnsafe(every ?? Duration.infinity),
  filesMax: filesMax ?? Infinity
})

const nowhere = Result.succeed("")
const noPartition = () => nowhere

const partitionBy =
  <Row>({ by }: Partition<Row>) =>
  (row: Row) =>
    Result.mapError(
      SafePath.parse(by(row)),
      (cause) => new Format.RowNotEncodable({ row, reason: "its partition", cause })
    )

const checkLimits = Effect.fnUntraced(function* <Row, Mark>(options: Options<Row, Mark>) {
  const { partition, rotate, unique } = options
  const limits = {
    batchBytesMax: options.batchBytesMax,
    batchRowsMax: options.batchRowsMax,
    bufferBytesMax: options.bufferBytesMax,
    bufferRowsMax: options.bufferRowsMax,
    spillBytesMax: options.spillBytesMax,
    "partition.openFilesMax": partition?.openFilesMax,
    "rotate.rowsMax": rotate?.rowsMax,
    "rotate.bytesMax": rotate?.bytesMax,
    "rotate.filesMax": rotate?.filesMax,
    "unique.keysMax": unique?.keysMax
  }
  for (const [option, value] of Object.entries(limits)) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue
    const reason = `is ${value}; give a whole number of at least 1`
    return yield* Effect.die(new WrongOption({ option, reason }))
  }
})

/** A file that is published whole is one file, and has no past. */
const checkMode = <Row, Mark>(options: Options<Row, Mark>) => {
  const { commit, manifest, mode, partition, rotate, unique } = options
  if (mode === undefined || mode === "append") return Effect.void
  const onlyAppending = Object.entries({ rotate, partition, manifest, unique, commit })
  const option = onlyAppending.find(([, value]) => value)?.[0]
  return option === undefined
    ? Effect.void
    : Effect.die(new WrongOption({ option, reason: `does not go with the mode ${mode}` }))
}
