/** The manifest of a sink, which is written to. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as Manifest from "../Manifest.ts"
import * as OpenLog from "./openLog.ts"
import { step, type StepFailed } from "./steps.ts"

export interface ManifestFile {
  /** The last entry of a file that was not removed. */
  readonly find: (file: string) => Manifest.Entry | undefined
  /** Writes entries, and makes them durable. */
  readonly add: (entries: ReadonlyArray<Manifest.Entry>) => Effect.Effect<void, StepFailed>
  readonly close: Effect.Effect<void, StepFailed>
}

const shape = { quoted: false, header: undefined, codec: undefined }
const encoder = new TextEncoder()

export const open = Effect.fnUntraced(function* (
  target: string
): Effect.fn.Return<ManifestFile, StepFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const path = Manifest.pathOf(target)
  const log = yield* OpenLog.open(path, { shape, wasKilled: true, isHashed: false })
  const known = yield* step("open", path, Manifest.read(path))
  const listed = new Map([...known].filter(([, { removed }]) => removed !== true))
  return {
    find: (file) => listed.get(file),
    add: Effect.fnUntraced(function* (entries) {
      if (entries.length === 0) return
      const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`)
      yield* log.write(encoder.encode(lines.join("")), lines.length)
      yield* log.sync
      for (const entry of entries) {
        if (entry.removed === true) listed.delete(entry.file)
        else listed.set(entry.file, entry)
      }
    }),
    close: log.close
  }
})
