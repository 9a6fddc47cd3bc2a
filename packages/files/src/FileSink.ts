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
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type * as Format from "./Format.ts"
import * as Committer from "./internal/committer.ts"
import * as GroupBuffer from "./internal/groupBuffer.ts"
import * as KeyIndex from "./internal/keyIndex.ts"
import * as OpenTarget from "./internal/openTarget.ts"
import { reasonOf } from "./internal/reasonOf.ts"
import * as SinkOptions from "./internal/sinkOptions.ts"
import * as Spill from "./internal/spill.ts"
import { type Step, step } from "./internal/steps.ts"
import type { TargetLocked } from "./TargetLock.ts"

/**
 * The sink cannot take or publish rows, and says how many of its rows are safe, and where.
 *
 * With the mode `replace` nothing was published, except when `operation` is `syncDirectory`: then the
 * file is at `path`, and only a power loss may still undo that.
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
  readonly operation: "offer" | "finish" | Step
  /** Rows that this sink has committed. */
  readonly rowsWritten: number
  /** Where those rows are. */
  readonly rowsPath: string
  readonly cause: unknown
}> {
  override get message(): string {
    const rows = `${this.rowsWritten} ${this.rowsWritten === 1 ? "row is" : "rows are"}`
    const safe = this.rowsWritten > 0 ? `; ${rows} whole in ${this.rowsPath}` : ""
    return `cannot ${verbs[this.operation]} ${this.path}: ${reasonOf(this.cause)}${safe}`
  }
}

const verbs: Record<SinkFailed["operation"], string> = {
  offer: "offer a row to",
  finish: "finish",
  open: "open",
  write: "write",
  sync: "make durable",
  close: "close",
  rename: "publish",
  commit: "save the commit of",
  syncDirectory: "make durable the directory of",
  remove: "remove old files of"
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
 * The buffer was full, and the sink was made to drop rows then. It stays usable.
 *
 * @since 0.1.0
 */
export class RowDropped extends Data.TaggedError("RowDropped")<{
  readonly path: string
}> {
  override get message(): string {
    return `the row was dropped: the buffer of ${this.path} is full`
  }
}

/** What a sink is made with. @since 0.1.0 */
export type { Options, Partition, Rotation, Unique, WhenFull } from "./internal/sinkOptions.ts"
/** How files are compressed. @since 0.1.0 */
export type { Compression } from "./internal/shape.ts"
/** How rows are committed together with state of the caller's own. @since 0.1.0 */
export type { Commit, CommitHook, Lengths } from "./internal/commit.ts"
/** What a sink takes when an option is absent, and the defect of one that cannot be. @since 0.1.0 */
export { defaults, WrongOption } from "./internal/sinkOptions.ts"

/**
 * How far a file is committed: everything before byte `bytes` of it, which is its first `rows` rows.
 *
 * @since 0.1.0
 */
export interface Committed {
  readonly path: string
  readonly bytes: number
  readonly rows: number
}

/**
 * What a finished sink has committed.
 *
 * @since 0.1.0
 */
export interface Finished {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

/**
 * Counts at one instant; `received = written + rejected + dropped + duplicates + pending`.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  /** Rows that were given to the sink, without those that wait for room. */
  readonly received: number
  /** Rows that are committed, their bytes before compression, and in how many commits. */
  readonly written: number
  readonly bytesWritten: number
  readonly commits: number
  /** Rows that could not be encoded, or whose partition is no safe path. */
  readonly rejected: number
  /** Rows that found the buffer full, in a sink that drops them. */
  readonly dropped: number
  /** Rows that were there already. */
  readonly duplicates: number
  /** Rows in the buffer; after a failure, the rows that were lost with it. */
  readonly pending: number
}

type RowFailed = SinkFailed | Format.RowNotEncodable | RowDropped

/**
 * A sink of rows. Each method may be used by many fibers at once.
 *
 * With a commit hook, a mark is state of the caller's that belongs to a row: it is saved in the same
 * commit, and marks are saved in the order in which they went in.
 *
 * @since 0.1.0
 */
export interface FileSink<in Row, in Mark = never> {
  /** The target, with symbolic links resolved. */
  readonly path: string
  /** Where the rows are until `finish`: `PATH.partial` in the mode `replace`, otherwise `PATH`. */
  readonly rowsPath: string
  /** What was there when the sink was opened; of a sink with partitions nothing. */
  readonly recovered: Committed
  /**
   * Waits until the row is committed, and says how far its file is then.
   *
   * An interrupt before the row is in the buffer takes it back; after that it ends the waiting only.
   */
  readonly offer: (row: Row) => Effect.Effect<Committed, RowFailed>
  /** As `offer`, with a mark. */
  readonly offerWith: (row: Row, mark: Mark) => Effect.Effect<Committed, RowFailed>
  /**
   * Puts the row into the buffer; waits while the buffer is full. `flush` says when it is committed.
   *
   * Rows of one fiber keep their order. An interrupted put is in whole or not at all.
   */
  readonly put: (row: Row) => Effect.Effect<void, RowFailed>
  /** As `put`, with a mark. */
  readonly putWith: (row: Row, mark: Mark) => Effect.Effect<void, RowFailed>
  /** Puts a mark without a row into the buffer; waits while the buffer is full, and is never dropped. */
  readonly putMark: (mark: Mark) => Effect.Effect<void, SinkFailed>
  /** Waits until a mark is saved, without a row, after those of the rows that are in. */
  readonly mark: (mark: Mark) => Effect.Effect<void, SinkFailed>
  /** Waits until all rows that are in the buffer are committed. An interrupt ends the waiting only. */
  readonly flush: Effect.Effect<void, SinkFailed>
  /**
   * Commits what is in the buffer, makes it durable, publishes it in the mode `replace`, and closes.
   *
   * Rows that wait for room are still let in; later ones fail. Every call gives the same result. An
   * interrupt ends the waiting only.
   */
  readonly finish: Effect.Effect<Finished, SinkFailed>
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * Opens a sink. It lives in the scope, with one fiber that writes, and holds the lock of its target.
 *
 * In the mode `append` a record at the end that is not whole is cut, with a warning in the log. In the
 * mode `replace` a partial file that an earlier run left behind is moved to `PATH.partial.1` (or the
 * next free number), with a warning too. When the scope closes before `finish`, what is in the buffer
 * is still committed and made durable, and nothing is published.
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
export const make = Effect.fnUntraced(function* <Row, Mark = never>(
  options: SinkOptions.Options<Row, Mark>
): Effect.fn.Return<FileSink<Row, Mark>, SinkFailed | TargetLocked, Services> {
  const settings = yield* SinkOptions.decode(options)
  const keys = settings.unique === undefined ? undefined : KeyIndex.make(settings.unique)
  // Holds the files until `life` ends, in whatever order the caller's scope closes what it owns.
  const own = yield* Scope.make()
  const { spillFile, target } = yield* openFiles(settings, keys).pipe(
    Effect.catchTag("StepFailed", ({ cause, path, step }) =>
      Effect.fail(new SinkFailed({ path, operation: step, rowsWritten: 0, rowsPath: path, cause }))
    ),
    Scope.provide(own),
    Effect.onError(() => Scope.close(own, Exit.void))
  )
  const { path } = target
  const buffer = GroupBuffer.make<Committed, SinkFailed, RowDropped, Mark>({
    ...settings.limits,
    refusalWhenFull:
      settings.whenFull === "drop" ? Effect.fail(new RowDropped({ path })) : undefined,
    isNewKey: keys?.isNew ?? (() => true)
  })
  if (spillFile !== undefined) {
    yield* Effect.forkIn(Effect.interruptible(Spill.run(buffer, spillFile)), own)
  }
  const recovered = target.position("")
  const { committed, run } = Committer.make(buffer, target, settings.commit)
  let rejected = 0
  let endedBy: SinkEnded["by"] | undefined
  let failureIsKnown = false

  const failed = (operation: SinkFailed["operation"], cause: unknown, rowsPath = target.rowsPath) =>
    new SinkFailed({ path, operation, rowsWritten: committed.rows, rowsPath, cause })
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
    yield* run
    if (endedBy === "scope") return yield* target.abandon
    yield* target.finish
    return { path, rows: committed.rows, bytes: committed.bytes }
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

  const reject = (error: Format.RowNotEncodable) => {
    rejected++
    return Effect.fail(error)
  }

  const encode = <A>(
    row: Row,
    mark: Mark | undefined,
    use: (item: GroupBuffer.Item<Mark>) => Effect.Effect<A, SinkFailed | RowDropped>
  ) =>
    Effect.suspend((): Effect.Effect<A, RowFailed> => {
      const encoded = options.format.encode(row)
      if (Result.isFailure(encoded)) return reject(encoded.failure)
      const partition = settings.partitionOf(row)
      if (Result.isFailure(partition)) return reject(partition.failure)
      const key = settings.unique?.keyOf(row)
      return use({ row: encoded.success, partition: partition.success, mark, key })
    })

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

  const snapshot = Effect.sync((): Snapshot => {
    const { dropped, duplicates, rows } = buffer.counts
    return {
      received: rows + rejected + dropped + duplicates,
      written: committed.rows,
      bytesWritten: committed.bytes,
      commits: committed.commits,
      rejected,
      dropped,
      duplicates,
      pending: rows - committed.rows
    }
  })

  return {
    path,
    rowsPath: target.rowsPath,
    recovered,
    offer: (row) => encode(row, undefined, buffer.offer),
    offerWith: (row, mark) => encode(row, mark, buffer.offer),
    put: (row) => encode(row, undefined, buffer.putUnsafe),
    putWith: (row, mark) => encode(row, mark, buffer.putUnsafe),
    putMark: (mark) => Effect.suspend(() => buffer.putMarkUnsafe(mark)),
    mark: (mark) => Effect.asVoid(buffer.mark(mark)),
    flush: buffer.flush,
    finish,
    snapshot
  }
}, Effect.uninterruptible)

type Services = Scope.Scope | FileSystem.FileSystem | Path.Path

const openFiles = Effect.fnUntraced(function* <Row, Mark>(
  { spillBytesMax, target: options, whenFull }: SinkOptions.Settings<Row, Mark>,
  keys: KeyIndex.KeyIndex | undefined
) {
  const target = yield* OpenTarget.open(options)
  if (keys !== undefined) yield* step("open", target.path, keys.learn(target.path))
  const spills = whenFull === "spill" && target.isFile
  const spillFile = spills ? yield* Spill.open(`${target.path}.spill`, spillBytesMax) : undefined
  return { target, spillFile }
})
