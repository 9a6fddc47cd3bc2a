/**
 * Reads the files that a `FileSink` writes, also while it writes them, or after it was killed.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Format from "./Format.ts"
import * as Members from "./internal/members.ts"
import { reasonOf } from "./internal/reasonOf.ts"
import * as RecordSplitter from "./internal/recordSplitter.ts"
import { type Compression, shapeOf } from "./internal/shape.ts"

/**
 * A file could not be read.
 *
 * @since 0.1.0
 */
export class ReadFailed extends Data.TaggedError("ReadFailed")<{
  readonly path: string
  readonly cause: unknown
}> {
  override get message(): string {
    return `cannot read ${this.path}: ${reasonOf(this.cause)}`
  }
}

/**
 * What a file is; as in the options of the sink that wrote it.
 *
 * @since 0.1.0
 */
export interface Options<Row> {
  readonly path: string
  readonly format: Format.Format<Row>
  readonly compression?: Compression | undefined
}

/**
 * Records that stand one after the other in a file.
 *
 * @since 0.1.0
 */
export interface Batch {
  /** As text, without the newline at the end of each. */
  readonly records: ReadonlyArray<string>
  /** Where the last of them ends in the file. */
  readonly end: number
}

/**
 * The records of one file, as text, without the line of column names.
 *
 * It ends before the first record that is not whole. Of a file that is written to it gives the records
 * that were there when it came to the end.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/rows.jsonl`
 * yield* fs.writeFileString(path, '{"id":1}\n{"id":2}\n{"id":')
 * yield* Stream.runCollect(Records.read({ path, format: Format.jsonl })) // => ['{"id":1}', '{"id":2}']
 * ```
 *
 * @since 0.1.0
 */
export const read = <Row>(
  options: Options<Row>
): Stream.Stream<string, ReadFailed, FileSystem.FileSystem> =>
  Stream.flatMap(batches(options), ({ records }) => Stream.fromIterable(records))

/**
 * The same, with the place where each batch ends, from which later reading goes on.
 *
 * `from` is 0 or such a place. So a file can be followed while it grows.
 *
 * @since 0.1.0
 */
export const batches = <Row>(
  options: Options<Row>,
  from = 0
): Stream.Stream<Batch, ReadFailed, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const shape = shapeOf(options)
    const file = yield* fs.open(options.path, { flag: "r" })
    const splitter = RecordSplitter.make(shape.quoted)
    let isHeader = shape.header !== undefined && from === 0
    return Stream.paginate(from, (position) =>
      Effect.map(Members.next(file, shape, position), (member) => {
        if (member === undefined) return [[], Option.none()] as const
        const records = splitter.push(member.bytes)
        if (isHeader && records.length > 0) isHeader = records.shift() === undefined
        const end = member.end - (shape.codec === undefined ? splitter.restBytes : 0)
        return [[{ records, end }], Option.some(member.end)] as const
      })
    )
  }).pipe(
    Stream.unwrap,
    Stream.mapError((cause) => new ReadFailed({ path: options.path, cause }))
  )
