/**
 * A file that grows by whole pieces of bytes, for those who keep its committed length themselves.
 *
 * A `FileSink` is for rows. This is for records of another kind, such as those of an archive, that are
 * committed together with something else: write, `sync`, save the length where the rest is saved. What is
 * behind the saved length is cut when the file is opened again, so that no record is torn or twice.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import { SinkFailed } from "./FileSink.ts"
import * as LogFile from "./internal/logFile.ts"
import { closeable, step, StepFailed } from "./internal/steps.ts"
import * as TargetLock from "./TargetLock.ts"

/**
 * How a log is opened.
 *
 * @since 0.1.0
 */
export interface Options {
  /** `false`: `sync` leaves it to the system when bytes reach the disk. Default `true`. */
  readonly fsync?: boolean | undefined
}

/**
 * For one writer at a time.
 *
 * @since 0.1.0
 */
export interface ByteLog {
  readonly path: string
  /** All that was written, and that was there before. */
  readonly length: () => number
  /** Writes bytes at the end, which are not durable yet. After a failure they are taken back. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, SinkFailed>
  /** Makes all that was written durable: its length is the one to save then. */
  readonly sync: Effect.Effect<void, SinkFailed>
}

/**
 * Opens the file, cut at the committed length, and holds its lock until the scope closes.
 *
 * Without a length, what is in the file stays, and its length is the first one to save. A file that is
 * shorter than its committed length is not opened, and not changed.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/archive`
 * yield* fs.writeFileString(path, "record,torn rec")
 * const log = yield* ByteLog.open(path, 7)
 * yield* log.write(new TextEncoder().encode("another,"))
 * yield* log.sync
 * log.length() // => 15
 * yield* fs.readFileString(path) // => "record,another,"
 * ```
 *
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(
  function* (path: string, committed: number | undefined, options?: Options) {
    yield* TargetLock.acquire(path).pipe(
      Effect.catchTag("PlatformError", (cause) =>
        Effect.fail(new StepFailed({ step: "open", path, cause }))
      )
    )
    const fs = yield* FileSystem.FileSystem
    const { close, provide } = yield* closeable(path)
    const file = yield* step("open", path, provide(fs.open(path, { flag: "a+" })))
    const size = Number((yield* step("open", path, file.stat)).size)
    const bytes = committed ?? size
    if (size < bytes) {
      return yield* new StepFailed({ step: "open", path, cause: new Shorter({ bytes }) })
    }
    if (size > bytes) yield* step("open", path, file.truncate(bytes))
    const shape = { codec: undefined, header: undefined, quoted: false }
    const log = yield* LogFile.make({ path, file, close, shape, start: { rows: 0, bytes } })
    yield* log.sync
    return {
      path,
      length: () => log.written.bytes,
      write: (bytes) =>
        log.write(bytes, 1).pipe(
          // The failure that is told is the first one.
          Effect.tapError(() => Effect.ignore(log.rollback)),
          Effect.mapError(toFailed)
        ),
      sync: Effect.andThen(
        options?.fsync === false ? Effect.void : Effect.mapError(log.sync, toFailed),
        Effect.sync(log.commitUnsafe)
      )
    } satisfies ByteLog as ByteLog
  },
  Effect.catchTag("StepFailed", (failed) => Effect.fail(toFailed(failed))),
  Effect.uninterruptible
) as (
  path: string,
  committed: number | undefined,
  options?: Options
) => Effect.Effect<
  ByteLog,
  SinkFailed | TargetLock.TargetLocked,
  FileSystem.FileSystem | Path.Path | Scope.Scope
>

const toFailed = ({ cause, path, step }: StepFailed) =>
  new SinkFailed({ path, operation: step, rowsWritten: 0, rowsPath: path, cause })

/** Somebody else has changed the file. */
class Shorter extends Data.TaggedError("Shorter")<{ readonly bytes: number }> {
  override get message(): string {
    return `it is shorter than the ${this.bytes} bytes that were committed`
  }
}
