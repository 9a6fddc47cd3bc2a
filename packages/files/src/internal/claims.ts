/** Targets that sinks of this process write to, so that no two of them share a partial file. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"

export class TargetBusy extends Data.TaggedError("TargetBusy")<{ readonly path: string }> {
  override get message(): string {
    return "another sink of this process is writing to it"
  }
}

const claims = new WeakMap<FileSystem.FileSystem, Set<string>>()

/** Holds the path until the scope closes. */
export const claim = (
  fs: FileSystem.FileSystem,
  path: string
): Effect.Effect<unknown, TargetBusy, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      const claimed = claims.get(fs) ?? new Set()
      claims.set(fs, claimed)
      if (claimed.has(path)) return Effect.fail(new TargetBusy({ path }))
      claimed.add(path)
      return Effect.succeed(claimed)
    }),
    (claimed) => Effect.sync(() => claimed.delete(path))
  )
