/**
 * An append-only JSON Lines file: any number of producers, one ordered writer, an atomic finish.
 *
 * Rows are written in batches to `PATH.partial`. Only `finish` makes them visible, as `PATH`, and
 * in one step: write, fsync, rename, fsync of the directory. Until then readers of `PATH` see the
 * file that was there before, or none; they never see a part of the new one.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { reasonOf } from "./internal/reasonOf.ts"
import * as RowBuffer from "./internal/rowBuffer.ts"
import type { Step } from "./internal/steps.ts"
import { openTarget } from "./internal/targetFile.ts"
import { makeWriter } from "./internal/writer.ts"

/**
 * The sink cannot take or publish rows, and says how many of them are whole, and where.
 *
 * Nothing was published, except when `operation` is `syncDirectory`: then the file is at `path`,
 * and only a power loss may still undo that.
 *
 * @since 0.1.0
 */
export class SinkFailed extends Data.TaggedError("SinkFailed")<{
  /** The target, with symbolic links resolved. */
  readonly path: string
  /**
   * What failed: `offer` and `finish` came after the end of the sink; every other one was refused
   * by the system.
   */
  readonly operation: Operation
  /** Whole rows written to `rowsPath` before the failure. */
  readonly rowsWritten: number
  /** Where those rows are: `PATH.partial`, unless `PATH` is a device or was published. */
  readonly rowsPath: string
  readonly cause: unknown
}> {
  override get message(): string {
    const rows = `${this.rowsWritten} ${this.rowsWritten === 1 ? "row is" : "rows are"}`
    const safe = this.rowsWritten > 0 ? `; ${rows} whole in ${this.rowsPath}` : ""
    return `cannot ${verbs[this.operation]} ${this.path}: ${reasonOf(this.cause)}${safe}`
  }
}

type Operation = "offer" | "finish" | Step

const verbs: Record<Operation, string> = {
  offer: "offer a row to",
  finish: "finish",
  open: "open",
  write: "write",
  sync: "make durable",
  close: "close",
  rename: "publish",
  syncDirectory: "make durable the directory of"
}

/** Rows cannot go into a sink that is finished, or whose scope is closed. @since 0.1.0 */
export class SinkEnded extends Data.TaggedError("SinkEnded")<{
  readonly by: "finish" | "scope"
}> {
  override get message(): string {
    return this.by === "finish" ? "the sink was finished before" : "its scope was closed before"
  }
}

/** The value is not one line of JSON text. The sink took nothing and stays usable. @since 0.1.0 */
export class RowNotEncodable extends Data.TaggedError("RowNotEncodable")<{
  readonly row: unknown
  readonly reason: "not JSON" | "blank line" | "line break inside" | "lone surrogate"
  readonly cause?: unknown
}> {
  override get message(): string {
    const why = this.cause === undefined ? "" : ` (${reasonOf(this.cause)})`
    return `the row is not one line of JSON: ${this.reason}${why}`
  }
}

/** Defect: a limit of the sink is not a whole number of at least 1. @since 0.1.0 */
export class LimitOutOfRange extends Data.TaggedError("LimitOutOfRange")<{
  readonly limit: string
  readonly value: number
}> {
  override get message(): string {
    return `${this.limit} is ${this.value}; give a whole number of at least 1`
  }
}

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
  const buffer = RowBuffer.make<SinkFailed>(yield* checkLimits(options))
  // Holds the file until `life` ends, in whatever order the caller's scope closes what it owns.
  const own = yield* Scope.make()
  const target = yield* Scope.provide(openTarget(options.path), own).pipe(
    Effect.mapError(
      ({ cause, path, step }) =>
        new SinkFailed({ path, operation: step, rowsWritten: 0, rowsPath: path, cause })
    ),
    Effect.onError(() => Scope.close(own, Exit.void))
  )
  const writer = makeWriter(target, buffer)
  let endedBy: SinkEnded["by"] | undefined
  let failureIsKnown = false

  const failed = (operation: Operation, cause: unknown, rowsPath = target.rowsPath) => {
    const rowsWritten = writer.written.rows
    return new SinkFailed({ path: target.path, rowsPath, operation, rowsWritten, cause })
  }
  const failKnown = (cause: Cause.Cause<SinkFailed>) =>
    Effect.suspend(() => {
      failureIsKnown = true
      return Effect.failCause(cause)
    })
  const end = (by: SinkEnded["by"]) => {
    endedBy ??= by
    buffer.endUnsafe(Effect.suspend(() => failed("offer", new SinkEnded({ by }))))
  }

  const life = Effect.gen(function* () {
    yield* writer.drain
    if (endedBy === "scope") return yield* target.abandon(writer.written.rows === 0)
    yield* target.publish
    return { path: target.path, ...writer.written }
  }).pipe(
    Effect.catchTag("StepFailed", ({ cause, path, step }) => failed(step, cause, path)),
    Effect.ensuring(Scope.close(own, Exit.void)),
    Effect.tapCause((cause) => Effect.sync(() => buffer.failUnsafe(failKnown(cause))))
  )

  // Uninterruptible, because a write in flight cannot be taken back; `close` lets the fiber end.
  const fiber = yield* Effect.forkScoped(life, { uninterruptible: true })
  const close = Effect.gen(function* () {
    end("scope")
    const exit = yield* Fiber.await(fiber)
    if (Exit.isFailure(exit) && !failureIsKnown) {
      yield* Effect.logError("a sink failed and nobody was told", exit.cause)
    }
  })
  yield* Effect.addFinalizer(() => close)

  const offer: JsonlSink["offer"] = (row) =>
    Effect.suspend(() =>
      Result.match(encode(row), {
        onSuccess: (line): ReturnType<JsonlSink["offer"]> => buffer.offer(line),
        onFailure: (error) => Effect.fail(error)
      })
    )

  const offerLine: JsonlSink["offerLine"] = (line) => {
    const reason = whyNotOneLine(line)
    return reason === undefined
      ? buffer.offer(line)
      : Effect.fail(new RowNotEncodable({ row: line, reason }))
  }

  const finish = Effect.suspend(() => {
    end("finish")
    return Effect.matchCauseEffect(Fiber.join(fiber), {
      onSuccess: (finished) =>
        finished === undefined
          ? Effect.fail(failed("finish", new SinkEnded({ by: "scope" })))
          : Effect.succeed(finished),
      onFailure: failKnown
    })
  })

  const snapshot = Effect.sync(() => {
    const { bytes, rows } = writer.written
    const rowsOffered = buffer.rowsOffered()
    return {
      rowsOffered,
      rowsWritten: rows,
      bytesWritten: bytes,
      rowsBuffered: rowsOffered - rows
    }
  })

  return { path: target.path, rowsPath: target.rowsPath, offer, offerLine, finish, snapshot }
}, Effect.uninterruptible)

const encode = (row: Schema.Json): Result.Result<string, RowNotEncodable> =>
  Result.try({
    try: () => JSON.stringify(row) as string | undefined,
    catch: (cause) => new RowNotEncodable({ row, reason: "not JSON", cause })
  }).pipe(
    Result.filterOrFail(
      (line) => line !== undefined,
      () => new RowNotEncodable({ row, reason: "not JSON" })
    )
  )

const whyNotOneLine = (line: string): RowNotEncodable["reason"] | undefined => {
  if (line.includes("\n")) return "line break inside"
  if (!line.isWellFormed()) return "lone surrogate"
  return line.trim() === "" ? "blank line" : undefined
}

const checkLimits = Effect.fnUntraced(function* (options: Options) {
  const limits = {
    bufferRowsMax: options.bufferRowsMax ?? defaults.bufferRowsMax,
    bufferBytesMax: options.bufferBytesMax ?? defaults.bufferBytesMax,
    batchBytesMax: options.batchBytesMax ?? defaults.batchBytesMax
  }
  for (const [limit, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      return yield* Effect.die(new LimitOutOfRange({ limit, value }))
    }
  }
  const flushEvery = Duration.fromInputUnsafe(options.flushEvery ?? defaults.flushEvery)
  return { ...limits, flushEvery }
})
