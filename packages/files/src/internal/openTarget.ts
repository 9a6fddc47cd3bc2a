/** Finds out what a sink writes to, locks it, and opens it. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as TargetLock from "../TargetLock.ts"
import * as AppendTarget from "./appendTarget.ts"
import type { Lengths } from "./commit.ts"
import * as DirectTarget from "./directTarget.ts"
import { resolveTarget } from "./resolveTarget.ts"
import { step, StepFailed } from "./steps.ts"
import type { Target } from "./target.ts"
import * as WholeTarget from "./wholeTarget.ts"

export interface Settings extends Omit<AppendTarget.Settings, "wasKilled" | "lengths"> {
  /** How far files are committed, where somebody knows. */
  readonly loadLengths: Effect.Effect<Lengths | undefined, unknown>
  readonly path: string
  readonly mode: "append" | "replace" | "exclusive"
}

/** The file is closed with the scope, if not before. */
export const open = Effect.fnUntraced(function* (
  settings: Settings
): Effect.fn.Return<
  Target,
  StepFailed | TargetLock.TargetLocked,
  FileSystem.FileSystem | Path.Path | Scope.Scope
> {
  const resolved = yield* step("open", settings.path, resolveTarget(settings.path))
  const { kind, path } = resolved
  if (kind === "direct") return yield* DirectTarget.open(path, settings.shape)
  const { wasKilled } = yield* TargetLock.acquire(path).pipe(
    Effect.catchTag("PlatformError", (cause) =>
      Effect.fail(new StepFailed({ step: "open", path, cause }))
    )
  )
  if (settings.mode !== "append") return yield* WholeTarget.open(resolved, settings)
  const lengths = yield* step("open", path, settings.loadLengths)
  return yield* AppendTarget.open(path, { ...settings, wasKilled, lengths })
})
