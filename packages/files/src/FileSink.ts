/**
 * A file that many producers append to, and that loses nothing it has acknowledged.
 *
 * Rows collect in a bounded buffer. One writer takes them out in groups and commits each group: write,
 * fsync, acknowledge. After a crash the next sink on the same path cuts what was torn and goes on.
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
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type * as Format from "./Format.ts"
import * as Committer from "./internal/committer.ts"
import * as GroupBuffer from "./internal/groupBuffer.ts"
import * as LogFile from "./internal/logFile.ts"
import { reasonOf } from "./internal/reasonOf.ts"
import type { Step } from "./internal/steps.ts"

/**
 * The sink takes no more rows, and says how many are committed.
 *
 * @since 0.1.0
 */
export class SinkFailed extends Data.TaggedError("SinkFailed")<{
  readonly path: string
  /** `offer`: it came after the end of the sink; every other step was refused by the system. */
  readonly operation: "offer" | Step
  /** Rows that are committed, from before this sink too. */
  readonly rowsCommitted: number
  readonly cause: unknown
}> {
  override get message(): string {
    const rows = `${this.rowsCommitted} ${this.rowsCommitted === 1 ? "row is" : "rows are"}`
    return `cannot ${verbs[this.operation]} ${this.path}: ${reasonOf(this.cause)}; ${rows} committed`
  }
}

const verbs: Record<SinkFailed["operation"], string> = {
  offer: "offer a row to",
  open: "open",
  write: "write",
  sync: "make durable",
  close: "close",
  rename: "publish",
  syncDirectory: "make durable the directory of"
}

/**
 * Rows cannot go into a sink that is finished, or whose scope is closed.
 *
 * @since 0.1.0
 */
export class SinkEnded extends Data.TaggedError("SinkEnded")<{
  readonly by: "finish" | "scope"
}> {
  override get message(): string {
    return this.by === "finish" ? "the sink was finished before" : "its scope was closed before"
  }
}

/**
 * Defect: a limit of the sink is not a whole number of at least 1.
 *
 * @since 0.1.0
 */
export class LimitOutOfRange extends Data.TaggedError("LimitOutOfRange")<{
  readonly limit: string
  readonly value: number
}> {
  override get message(): string {
    return `${this.limit} is ${this.value}; give a whole number of at least 1`
  }
}

/**
 * What a sink needs to know, and how much it may hold back.
 *
 * @since 0.1.0
 */
export interface Options<in Row> {
  /** The file to append to. It is created when it is not there; its directory must be. */
  readonly path: string
  readonly format: Format.Format<Row>
  /**
   * When a row counts as committed. `none`: the system has it, and it survives the end of the process
   * but not that of the machine. `batch` (default): its group is on the disk. `always`: as `batch`,
   * and each row is a group of its own.
   */
  readonly fsync?: "none" | "batch" | "always" | undefined
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
}

/**
 * What a sink takes when an option is absent.
 *
 * @since 0.1.0
 */
export const defaults = {
  fsync: "batch",
  batchRowsMax: 10_000,
  batchBytesMax: 1024 * 1024,
  batchEvery: "10 millis",
  bufferRowsMax: 20_000,
  bufferBytesMax: 8 * 1024 * 1024
} as const satisfies Omit<Options<never>, "path" | "format">

/**
 * How far a file is committed: everything before byte `bytes` of it, which is `rows` rows.
 *
 * @since 0.1.0
 */
export interface Committed {
  readonly path: string
  readonly bytes: number
  readonly rows: number
}

/**
 * Counts at one instant; `received = written + rejected + pending`.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  /** Rows that were given to the sink, without those that wait for room. */
  readonly received: number
  /** Rows that are committed. */
  readonly written: number
  /** Rows that could not be encoded. */
  readonly rejected: number
  /** Rows in memory; after a failure, the rows that were lost with it. */
  readonly pending: number
}

type RowFailed = SinkFailed | Format.RowNotEncodable

/**
 * A sink of rows. Each method may be used by many fibers at once.
 *
 * @since 0.1.0
 */
export interface FileSink<in Row> {
  /** The file that the rows go to. */
  readonly path: string
  /** What was there when the sink was opened. */
  readonly recovered: Committed
  /**
   * Waits until the row is committed, and says how far the file is then.
   *
   * An interrupt before the row is in the buffer takes it back; after that it ends the waiting only.
   */
  readonly offer: (row: Row) => Effect.Effect<Committed, RowFailed>
  /**
   * Puts the row into the buffer; waits while the buffer is full. `flush` says when it is committed.
   *
   * Rows of one fiber keep their order. An interrupted put is in whole or not at all.
   */
  readonly put: (row: Row) => Effect.Effect<void, RowFailed>
  /** Waits until all rows that are in the buffer are committed. An interrupt ends the waiting only. */
  readonly flush: Effect.Effect<void, SinkFailed>
  /**
   * Commits what is in the buffer and closes the file.
   *
   * Rows that wait for room are still let in; later ones fail. Every call gives the same result. An
   * interrupt ends the waiting only.
   */
  readonly finish: Effect.Effect<Committed, SinkFailed>
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * Opens a sink. It lives in the scope, with one fiber that writes.
 *
 * What is in the file already stays; a record at its end that is not whole is cut, with a warning in
 * the log. When the scope closes before `finish`, what is in the buffer is still committed.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/rows.jsonl`
 * yield* fs.writeFileString(path, '{"id":1}\n{"id":')
 * const sink = yield* FileSink.make({ path, format: Format.jsonl })
 * sink.recovered // => { path, bytes: 9, rows: 1 }
 * yield* sink.offer({ id: 2 }) // => { path, bytes: 18, rows: 2 }
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* <Row>(
  options: Options<Row>
): Effect.fn.Return<FileSink<Row>, SinkFailed, Scope.Scope | FileSystem.FileSystem | Path.Path> {
  const buffer = GroupBuffer.make<Committed, SinkFailed>(yield* checkLimits(options))
  const path = (yield* Path.Path).resolve(options.path)
  // Holds the file until `life` ends, in whatever order the caller's scope closes what it owns.
  const own = yield* Scope.make()
  const file = yield* Scope.provide(LogFile.open(path, options.format), own).pipe(
    Effect.mapError(
      ({ cause, path, step }) => new SinkFailed({ path, operation: step, rowsCommitted: 0, cause })
    ),
    Effect.onError(() => Scope.close(own, Exit.void))
  )
  const position = (): Committed => ({ path, ...file.committed })
  const recovered = position()
  let rejected = 0
  let endedBy: SinkEnded["by"] | undefined
  let failureIsKnown = false

  const failed = (operation: SinkFailed["operation"], cause: unknown) =>
    new SinkFailed({ path, operation, rowsCommitted: file.committed.rows, cause })
  const failKnown = (cause: Cause.Cause<SinkFailed>) =>
    Effect.suspend(() => {
      failureIsKnown = true
      return Effect.failCause(cause)
    })
  const end = (by: SinkEnded["by"]) => {
    endedBy ??= by
    const cause = new SinkEnded({ by: endedBy })
    buffer.endUnsafe(Effect.suspend(() => failed("offer", cause)))
  }

  const fsync = (options.fsync ?? defaults.fsync) === "none" ? "none" : "batch"
  const life = Committer.run(buffer, file, fsync, position).pipe(
    Effect.andThen(file.close),
    Effect.catchTag("StepFailed", ({ cause, step }) => failed(step, cause)),
    Effect.map(position),
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

  const encode = <A>(
    row: Row,
    use: (item: GroupBuffer.Item) => Effect.Effect<A, SinkFailed>
  ): Effect.Effect<A, RowFailed> =>
    Effect.suspend((): Effect.Effect<A, RowFailed> => {
      const encoded = options.format.encode(row)
      if (Result.isSuccess(encoded)) return use({ row: encoded.success, partition: "" })
      rejected++
      return Effect.fail(encoded.failure)
    })

  const finish = Effect.suspend(() => {
    end("finish")
    return Effect.catchCause(Fiber.join(fiber), failKnown)
  })

  const snapshot = Effect.sync(() => {
    const rowsIn = buffer.rowsIn()
    const written = file.committed.rows - recovered.rows
    return { received: rowsIn + rejected, written, rejected, pending: rowsIn - written }
  })

  return {
    path,
    recovered,
    offer: (row) => encode(row, buffer.offer),
    put: (row) => encode(row, buffer.put),
    flush: buffer.flush,
    finish,
    snapshot
  }
}, Effect.uninterruptible)

const checkLimits = Effect.fnUntraced(function* (options: Options<never>) {
  const limits = {
    batchRowsMax: options.fsync === "always" ? 1 : (options.batchRowsMax ?? defaults.batchRowsMax),
    batchBytesMax: options.batchBytesMax ?? defaults.batchBytesMax,
    bufferRowsMax: options.bufferRowsMax ?? defaults.bufferRowsMax,
    bufferBytesMax: options.bufferBytesMax ?? defaults.bufferBytesMax
  }
  for (const [limit, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      return yield* Effect.die(new LimitOutOfRange({ limit, value }))
    }
  }
  const batchEvery = Duration.fromInputUnsafe(options.batchEvery ?? defaults.batchEvery)
  return { ...limits, batchEvery }
})
