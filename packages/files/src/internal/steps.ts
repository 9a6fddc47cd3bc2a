/** The steps in the life of a file, each of which the system can refuse. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"

/** The steps that can fail, in the order in which a sink takes them. */
export type Step =
  | "open"
  | "write"
  | "sync"
  | "commit"
  | "close"
  | "rename"
  | "syncDirectory"
  | "remove"

/** A step in the life of the file that failed. */
export class StepFailed extends Data.TaggedError("StepFailed")<{
  readonly step: Step
  /** The file that holds the rows now, or the target when there are none yet. */
  readonly path: string
  readonly cause: unknown
}> {}

/** The system took no bytes and gave no reason. */
class WroteNothing extends Data.TaggedError("WroteNothing") {
  override get message(): string {
    return "the system wrote nothing"
  }
}

export const step = <A, E, R>(
  step: Step,
  path: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, StepFailed, R> =>
  Effect.mapError(effect, (cause) => new StepFailed({ step, path, cause }))

/** A scope of its own for what the target holds, closed by `close` or else by the outer scope. */
export const closeable = Effect.fnUntraced(function* (path: string) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  // The layer reports a failed close as a defect; here it is a disk that refused.
  const close = Scope.close(scope, Exit.void).pipe(
    Effect.catchDefect((cause) => Effect.fail(new StepFailed({ step: "close", path, cause })))
  )
  return { provide: Scope.provide(scope), close }
})

export const writeSome = (file: FileSystem.File, path: string, bytes: Uint8Array) =>
  step("write", path, file.write(bytes)).pipe(
    Effect.filterOrFail(
      (written) => written > 0,
      () => new StepFailed({ step: "write", path, cause: new WroteNothing() })
    )
  )

/** Without this a power loss may undo the rename. Some systems cannot open or sync a directory. */
export const syncDirectory = (fs: FileSystem.FileSystem, path: string) =>
  Effect.scoped(Effect.flatMap(fs.open(path, { flag: "r" }), (directory) => directory.sync)).pipe(
    Effect.catchIf(isUnsupported, () => Effect.void)
  )

export const isDenied = (error: PlatformError) => error.reason._tag === "PermissionDenied"

const isUnsupported = (error: PlatformError) =>
  isDenied(error) ||
  error.reason._tag === "BadResource" ||
  (Predicate.hasProperty(error.cause, "code") && error.cause.code === "EINVAL")
