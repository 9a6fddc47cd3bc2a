/** The options of a sink: what they mean, their defaults, and what the parts of a sink make of them. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Format from "../Format.ts"
import * as SafePath from "../SafePath.ts"
import * as Codec from "./codec.ts"
import type * as Committer from "./committer.ts"
import type * as GroupBuffer from "./groupBuffer.ts"
import type * as OpenTarget from "./openTarget.ts"
import type * as Series from "./series.ts"
import type { Shape } from "./wholeRecords.ts"

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

/** How files are compressed. @since 0.1.0 */
export type Compression = "none" | "gzip" | "zstd"

/**
 * What a sink needs to know, and how much it may hold back.
 *
 * @since 0.1.0
 */
export interface Options<Row> {
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
  /** The longest time that a row waits for others to be committed with. Default 10 ms. */
  readonly batchEvery?: Duration.Input | undefined
  /** Rows in memory before producers wait; at least 1. Default 20,000. */
  readonly bufferRowsMax?: number | undefined
  /** Bytes in memory before producers wait, to which one row more may come. Default 8 MiB. */
  readonly bufferBytesMax?: number | undefined
  /** Rows go to a sequence of files, `rows.000001.jsonl` and so on. Only with the mode `append`. */
  readonly rotate?: Rotation | undefined
  /** Rows go to files in directories beside `PATH`, by what is in them. Only with the mode `append`. */
  readonly partition?: Partition<Row> | undefined
  /**
   * Whether `PATH.manifest.jsonl` lists files that are complete (see `Manifest`): those that were
   * followed by another one, and all when the sink ends. Only with the mode `append`. Default `false`.
   */
  readonly manifest?: boolean | undefined
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
  openFilesMax: 64
} as const

export interface Settings<in Row> {
  readonly limits: GroupBuffer.Limits
  readonly target: OpenTarget.Settings
  readonly commit: Committer.Settings
  readonly partitionOf: (row: Row) => Result.Result<string, Format.RowNotEncodable>
}

/** Dies with `WrongOption`. */
export const decode = Effect.fnUntraced(function* <Row>(
  options: Options<Row>
): Effect.fn.Return<Settings<Row>> {
  const { mode, partition, path, rotate } = options
  yield* checkLimits(options)
  yield* checkMode(options)
  const fsync = options.fsync ?? defaults.fsync
  const openFilesMax = partition?.openFilesMax ?? defaults.openFilesMax
  return {
    limits: {
      batchRowsMax: fsync === "always" ? 1 : (options.batchRowsMax ?? defaults.batchRowsMax),
      batchBytesMax: options.batchBytesMax ?? defaults.batchBytesMax,
      batchEvery: Duration.fromInputUnsafe(options.batchEvery ?? defaults.batchEvery),
      batchPartsMax: openFilesMax,
      bufferRowsMax: options.bufferRowsMax ?? defaults.bufferRowsMax,
      bufferBytesMax: options.bufferBytesMax ?? defaults.bufferBytesMax
    },
    target: {
      path,
      mode: mode ?? defaults.mode,
      shape: shapeOf(options),
      rotation: rotate === undefined ? undefined : rotationOf(rotate),
      hasManifest: options.manifest ?? false,
      isPartitioned: partition !== undefined,
      openFilesMax
    },
    commit: {
      syncsGroups: fsync === "batch" || fsync === "always",
      interval: typeof fsync === "string" ? undefined : Duration.fromInputUnsafe(fsync.interval)
    },
    partitionOf: partition === undefined ? noPartition : partitionBy(partition)
  }
})

export const shapeOf = <Row>({
  compression,
  format
}: Pick<Options<Row>, "compression" | "format">): Shape => ({
  quoted: format.quoted,
  header: format.header,
  codec: codecs[compression ?? defaults.compression]
})

const codecs = { none: undefined, gzip: Codec.gzip, zstd: Codec.zstd }

const rotationOf = ({ bytesMax, every, filesMax, rowsMax }: Rotation): Series.Rotation => ({
  rowsMax: rowsMax ?? Infinity,
  bytesMax: bytesMax ?? Infinity,
  every: Duration.fromInputUnsafe(every ?? Duration.infinity),
  filesMax: filesMax ?? Infinity
})

const noPartition = () => Result.succeed("")

const partitionBy =
  <Row>({ by }: Partition<Row>) =>
  (row: Row) =>
    Result.mapError(
      SafePath.parse(by(row)),
      (cause) => new Format.RowNotEncodable({ row, reason: "its partition", cause })
    )

const checkLimits = Effect.fnUntraced(function* <Row>(options: Options<Row>) {
  const { batchBytesMax, batchRowsMax, bufferBytesMax, bufferRowsMax, partition, rotate } = options
  const limits = {
    batchBytesMax,
    batchRowsMax,
    bufferBytesMax,
    bufferRowsMax,
    "partition.openFilesMax": partition?.openFilesMax,
    "rotate.rowsMax": rotate?.rowsMax,
    "rotate.bytesMax": rotate?.bytesMax,
    "rotate.filesMax": rotate?.filesMax
  }
  for (const [option, value] of Object.entries(limits)) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue
    const reason = `is ${value}; give a whole number of at least 1`
    return yield* Effect.die(new WrongOption({ option, reason }))
  }
})

/** A file that is published whole is one file, and has no past. */
const checkMode = <Row>({ manifest, mode, partition, rotate }: Options<Row>) => {
  if (mode === undefined || mode === "append") return Effect.void
  const option = Object.entries({ rotate, partition, manifest }).find(([, value]) => value)?.[0]
  return option === undefined
    ? Effect.void
    : Effect.die(new WrongOption({ option, reason: `does not go with the mode ${mode}` }))
}
