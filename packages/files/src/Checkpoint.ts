/**
 * A small state that is committed together with rows: a commit hook that keeps it in a file.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as AtomicFile from "./AtomicFile.ts"
import type * as FileSink from "./FileSink.ts"
import { statIfThere } from "./internal/resolveTarget.ts"

/**
 * A file that keeps the last state, and how far a sink was when it was saved.
 *
 * @since 0.1.0
 */
export interface Checkpoint<State> {
  /** The state that was saved last, when the checkpoint was opened. */
  readonly last: Option.Option<State>
  /** For the option `commit` of the sink that it belongs to. Of the marks of a commit the last is kept. */
  readonly hook: FileSink.CommitHook<State>
}

/**
 * Opens a checkpoint, of which there is one for each sink.
 *
 * Each commit writes the file anew, as `AtomicFile` does: two fsyncs more than a commit without it.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const folder = yield* fs.makeTempDirectoryScoped()
 * const open = Checkpoint.open({ path: `${folder}/state.json`, schema: Schema.Struct({ line: Schema.Int }) })
 * const copy = Effect.scoped(Effect.gen(function* () {
 *   const { hook, last } = yield* open
 *   const sink = yield* FileSink.make({ path: `${folder}/rows.jsonl`, format: Format.jsonl, commit: hook })
 *   yield* sink.offerWith({ text: "the second line" }, { line: 2 })
 *   return last
 * }))
 * yield* copy // => Option.none()
 * yield* copy // => Option.some({ line: 2 })
 * ```
 *
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function* <State>(options: {
  readonly path: string
  readonly schema: Schema.ConstraintCodec<State, unknown>
}): Effect.fn.Return<
  Checkpoint<State>,
  PlatformError | Schema.SchemaError,
  FileSystem.FileSystem | Path.Path
> {
  const { path } = options
  const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const fs = yield* FileSystem.FileSystem
  const Saved = Schema.fromJsonString(
    Schema.toCodecJson(Schema.Struct({ state: Schema.Option(options.schema), lengths: Lengths }))
  )
  const found = yield* statIfThere(fs.stat(path))
  const saved =
    found === undefined
      ? undefined
      : yield* Schema.decodeEffect(Saved)(yield* fs.readFileString(path))
  let state = saved?.state ?? Option.none<State>()
  return {
    last: state,
    hook: {
      load: Effect.succeed(saved?.lengths),
      save: Effect.fnUntraced(function* ({ lengths, marks }) {
        const mark = marks.at(-1)
        if (mark !== undefined) state = Option.some(mark)
        const text = yield* Schema.encodeEffect(Saved)({ state, lengths })
        yield* AtomicFile.write(path, `${text}\n`)
      }, Effect.provide(services))
    }
  }
})

const Lengths = Schema.Record(Schema.String, Schema.Struct({ bytes: Schema.Int, rows: Schema.Int }))
