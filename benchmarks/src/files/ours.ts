/** What the contenders of this package share. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as FileSink from "@fibra/files/FileSink"
import * as Format from "@fibra/files/Format"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"

export const run = <A, E>(
  effect: Effect.Effect<A, E, FileSystem.FileSystem | Path.Path | Scope.Scope>
): Promise<A> => Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

export const times = <E, R>(size: number, body: () => Effect.Effect<unknown, E, R>) => {
  let left = size
  return Effect.whileLoop({ while: () => left-- > 0, body, step: () => {} })
}

export const openSink = (path: string, fsync: "none" | "batch" | "always") =>
  FileSink.make({ path, fsync, format: Format.raw })
