/**
 * An append-only JSON Lines file: any number of producers, one ordered writer, an atomic finish.
 *
 * Rows are written in batches to `PATH.partial`. Only `finish` makes them visible, as `PATH`, and
 * in one step: write, fsync, rename, fsync of the directory. Until then readers of `PATH` see the
 * file that was there before, or none; they never see a part of the new one.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as FileSink from "./FileSink.ts"
import * as Format from "./Format.ts"

/** See `FileSink`. @since 0.1.0 */
export type SinkFailed = FileSink.SinkFailed

/** The value is not one line of JSON text. The sink took nothing and stays usable. @since 0.1.0 */
export type RowNotEncodable = Format.RowNotEncodable

/** What a sink needs to know: a path, and how much it may hold back. @since 0.1.0 */
export interface Options {
  /**
   * The file to publish. Symbolic links are followed and stay. A device, a pipe or `/dev/stdout` is
   * written directly, without a partial file; opening a pipe waits for its reader, and this wait
   * cannot be interrupted. The directory must be there.
   */
  readonly path: string
  /** Rows in memory before offers wait; at least 1. Default 10,000. */
  readonly bufferRowsMax?: number | undefined
  /** Bytes in memory before offers wait, to which one row more may come. Default 8 MiB. */
  readonly bufferBytesMax?: number | undefined
  /** Bytes for one write, unless a single row is longer. Default 256 KiB. */
  readonly batchBytesMax?: number | undefined
  /** The longest time that a row waits in memory for company. Default 100 ms. */
  readonly flushEvery?: Duration.Input | undefined
}

/** What a sink takes when an option is absent. @since 0.1.0 */
export const defaults = {
  bufferRowsMax: 10_000,
  bufferBytesMax: 8 * 1024 * 1024,
  batchBytesMax: 256 * 1024,
  flushEvery: "100 millis"
} as const satisfies Omit<Options, "path">

/** The published file. @since 0.1.0 */
export interface Finished {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

/** Counts at one instant; `rowsOffered = rowsWritten + rowsBuffered`. @since 0.1.0 */
export interface Snapshot {
  /** Rows that offers have put in. */
  readonly rowsOffered: number
  /** Rows that the system took, whole. They are durable once `finish` returned. */
  readonly rowsWritten: number
  readonly bytesWritten: number
  /** Rows in memory; after a failure, the rows that were lost with it. */
  readonly rowsBuffered: number
}

/** A sink of rows. Each method may be used by many fibers at once. @since 0.1.0 */
export interface JsonlSink {
  /** The target, with symbolic links resolved. */
  readonly path: string
  /** Where the rows are until `finish`: `PATH.partial`, or `PATH` when it is a device. */
  readonly rowsPath: string
  /**
   * Encodes a row as JSON and puts it into the buffer; waits while the buffer is full.
   *
   * Rows of one fiber keep their order. Waiting is interruptible: an interrupted offer is in whole
   * or not at all. Success means "in the buffer"; only `finish` says that rows are durable.
   */
  readonly offer: (row: Schema.Json) => Effect.Effect<void, SinkFailed | RowNotEncodable>
  /**
   * As `offer`, for a row that is one line of JSON text already. Its characters are kept as they
   * are. That it is JSON is not checked; that it is one line is.
   */
  readonly offerLine: (line: string) => Effect.Effect<void, SinkFailed | RowNotEncodable>
  /**
   * Writes what was offered, fsyncs, renames to the target and fsyncs its directory.
   *
   * Offers that wait for room are still let in; later ones fail. Every call gives the same result.
   * An interrupt ends the waiting only: what was begun is carried through.
   */
  readonly finish: Effect.Effect<Finished, SinkFailed>
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * Opens a sink. It lives in the scope, with one fiber that writes.
 *
 * When the scope closes before `finish`, the offered rows are still written, fsynced and kept in
 * `PATH.partial`, and nothing is published. A partial file that an earlier run left behind is moved
 * to `PATH.partial.1` (or the next free number) with a warning in the log. A second sink of the same
 * process on the same target fails to open.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/rows.jsonl`
 * const sink = yield* JsonlSink.make({ path })
 * yield* sink.offer({ id: 1, title: "Zażółć" })
 * yield* sink.offerLine("[1.50]")
 * yield* fs.exists(path) // => false
 * yield* sink.finish // => { path, rows: 2, bytes: 37 }
 * yield* fs.readFileString(path) // => '{"id":1,"title":"Zażółć"}\n[1.50]\n'
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<JsonlSink, SinkFailed, Scope.Scope | FileSystem.FileSystem | Path.Path> {
  const { flushEvery: batchEvery, ...limits } = { ...defaults, ...options }
  const sink = yield* FileSink.make({
    ...limits,
    batchEvery,
    batchRowsMax: Number.MAX_SAFE_INTEGER,
    mode: "replace",
    fsync: "none",
    format: encoded
  }).pipe(
    Effect.catchTag("TargetLocked", (cause) => {
      const { path } = cause
      return Effect.fail(
        new FileSink.SinkFailed({ path, operation: "open", rowsWritten: 0, rowsPath: path, cause })
      )
    })
  )
  // A sink that lets rows wait drops none.
  const put = sink.put as (
    line: string | Uint8Array
  ) => Effect.Effect<void, SinkFailed | RowNotEncodable>
  return {
    path: sink.path,
    rowsPath: sink.rowsPath,
    offer: (row) =>
      Effect.suspend(() =>
        Result.match(Format.jsonl.encode(row), {
          onSuccess: (line): ReturnType<JsonlSink["offer"]> => put(line),
          onFailure: (error) => Effect.fail(error)
        })
      ),
    offerLine: (line) => {
      const reason = whyNotOneLine(line)
      return reason === undefined
        ? put(line)
        : Effect.fail(new Format.RowNotEncodable({ row: line, reason }))
    },
    finish: sink.finish,
    snapshot: Effect.map(sink.snapshot, ({ bytesWritten, pending, received, written }) => ({
      rowsOffered: received,
      rowsWritten: written,
      bytesWritten,
      rowsBuffered: pending
    }))
  }
}, Effect.uninterruptible)

/** Rows that have been checked already. */
const encoded: Format.Format<string | Uint8Array> = {
  quoted: false,
  header: undefined,
  encode: Result.succeed,
  decode: (record) => record
}

const whyNotOneLine = (line: string): string | undefined => {
  if (line.includes("\n")) return "line break inside"
  if (!line.isWellFormed()) return "lone surrogate"
  return line.trim() === "" ? "blank line" : undefined
}
