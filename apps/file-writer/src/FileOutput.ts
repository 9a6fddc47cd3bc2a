/** Rows into one file or several, by a `FileSink`. */
import { Checkpoint, FileSink, type TargetLock } from "@fibra/files"
import { Data, Effect, type FileSystem, Option, type Path, Schema, type Scope } from "effect"
import { keptBy } from "./Kept.ts"
import type { Output, Refuse } from "./Output.ts"
import { formatOf, type Plan } from "./Plan.ts"
import * as Stdout from "./Stdout.ts"
import { fieldOf, type TextRow, textOf } from "./TextRow.ts"

/** The checkpoint of an earlier run cannot be read. */
export class CheckpointFailed extends Data.TaggedError("CheckpointFailed")<{
  readonly path: string
  readonly cause: Error
}> {
  override get message(): string {
    return `cannot read the checkpoint ${this.path}: ${this.cause.message}`
  }
}

export const open = Effect.fnUntraced(function* (
  plan: Plan,
  refuse: Refuse
): Effect.fn.Return<
  Output,
  FileSink.SinkFailed | TargetLock.TargetLocked | CheckpointFailed,
  Scope.Scope | FileSystem.FileSystem | Path.Path
> {
  let failure: Stdout.StdoutFailed | undefined
  const hook = yield* hookOf(plan, (error) => {
    failure = error
  })
  const sink = yield* FileSink.make({
    ...sinkOptions(plan),
    commit: hook === undefined ? undefined : hook.hook
  })
  const put = (row: TextRow) => (hook === undefined ? sink.put(row) : sink.putWith(row, row.line))
  return {
    linesDone: hook?.linesDone ?? 0,
    // No generator in here: V8 would keep the rows that each of its closures holds for long.
    write: (rows: ReadonlyArray<TextRow>) =>
      Effect.forEach(
        rows,
        (row) =>
          Effect.catchTags(put(row), {
            RowNotEncodable: (error) => refuse(row, error),
            RowDropped: () => Effect.void
          }),
        { discard: true }
      ),
    finish: (lines: number) =>
      Effect.andThen(hook === undefined ? Effect.void : sink.mark(lines), sink.finish),
    progress: Effect.map(sink.snapshot, ({ commits, pending, written }) => ({
      rows: written,
      commits,
      buffered: pending,
      file: sink.rowsPath
    })),
    kept: Effect.map(keptBy(sink, plan.mode === "append"), (kept) => ({ ...kept, failure }))
  }
})

const sinkOptions = (plan: Plan): FileSink.Options<TextRow> => ({
  path: plan.output,
  format: formatOf(plan),
  compression: plan.compression,
  mode: plan.mode === "atomic" ? "replace" : plan.mode,
  // Until it is published nobody can rely on it: one fsync, at the end, is enough.
  fsync: plan.mode === "append" ? plan.fsync : "none",
  batchRowsMax: plan.batch.rowsMax,
  batchBytesMax: plan.batch.bytesMax,
  batchEvery: plan.batch.every,
  bufferRowsMax: plan.bufferRowsMax,
  whenFull: plan.whenFull,
  rotate: plan.rotate,
  manifest: plan.manifest,
  partition: Option.match(plan.partition, {
    onNone: () => undefined,
    onSome: (template) => ({ by: ({ value }) => template(value), openFilesMax: plan.openFilesMax })
  }),
  unique: Option.match(plan.key, {
    onNone: () => undefined,
    onSome: (key) => ({
      by: ({ value }) => textOf(fieldOf(value, key)) ?? "",
      keysMax: plan.keysMax
    })
  })
})

/** The number of the last line is saved with the rows, printed once they are durable, or both. */
const hookOf = Effect.fnUntraced(function* (
  { acknowledges, checkpoint }: Plan,
  onUnheard: (error: Stdout.StdoutFailed) => void
) {
  if (Option.isNone(checkpoint) && !acknowledges) return undefined
  const saved = Option.isNone(checkpoint)
    ? undefined
    : yield* Checkpoint.open({ path: checkpoint.value, schema: Schema.Int }).pipe(
        Effect.mapError((cause) => new CheckpointFailed({ path: checkpoint.value, cause }))
      )
  const hook: FileSink.CommitHook<number> = {
    load: saved?.hook.load ?? Effect.undefined,
    save: (commit) => {
      const save = saved?.hook.save(commit) ?? Effect.void
      if (!acknowledges || commit.marks.length === 0) return save
      // The rows are safe, whether somebody hears of it or not; a stdout that takes no more ends the program.
      const tell = Effect.catch(Stdout.write(acknowledgement(commit)), (error) =>
        Effect.sync(() => onUnheard(error))
      )
      return Effect.andThen(save, tell)
    }
  }
  const last = saved?.last ?? Option.none()
  return { hook, linesDone: Option.getOrElse(last, () => 0) }
})

/** All lines up to this one are done, and durable. */
const acknowledgement = ({ lengths, marks, rows }: FileSink.Commit<number>) =>
  `${JSON.stringify({ line: marks.at(-1), rows, files: lengths })}\n`
