/**
 * How rows become the records of a file.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { reasonOf } from "./internal/reasonOf.ts"

/**
 * The row cannot be a record of the file. The sink took nothing and stays usable.
 *
 * @since 0.1.0
 */
export class RowNotEncodable extends Data.TaggedError("RowNotEncodable")<{
  readonly row: unknown
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    const why = this.cause === undefined ? "" : ` (${reasonOf(this.cause)})`
    return `the row cannot be written: ${this.reason}${why}`
  }
}

/**
 * How rows become records, each of which ends with a newline.
 *
 * @since 0.1.0
 */
export interface Format<in out Row> {
  /** One record without the newline at its end. A record has no zero byte. */
  readonly encode: (row: Row) => Result.Result<string | Uint8Array, RowNotEncodable>
  /** What `encode` has made a record of; `undefined` when it is no record of this format. */
  readonly decode: (record: string) => Row | undefined
  /** Whether a newline between quotes is a part of the record. */
  readonly quoted: boolean
  /** The first line of each file, without the newline at its end. */
  readonly header: string | undefined
}

/**
 * JSON Lines: each row is one line of JSON, as `JSON.stringify` makes it.
 *
 * ```ts
 * Format.jsonl.encode({ id: 1, tags: ["a"] }) // => Result.succeed('{"id":1,"tags":["a"]}')
 * ```
 *
 * @since 0.1.0
 */
export const jsonl: Format<Schema.Json> = {
  quoted: false,
  header: undefined,
  encode: (row) => {
    const line = Result.try({
      // Of a function, or of nothing, it is undefined, whatever its type says.
      try: () => JSON.stringify(row),
      catch: (cause) => new RowNotEncodable({ row, reason: "not JSON", cause })
    })
    return Result.isSuccess(line) && line.success === undefined
      ? Result.fail(new RowNotEncodable({ row, reason: "not JSON" }))
      : line
  },
  decode: (record) =>
    Result.getOrUndefined(Result.try({ try: () => JSON.parse(record), catch: () => undefined }))
}

/**
 * Lines of text as they are. A row must not contain a line break, a zero or half a character.
 *
 * @since 0.1.0
 */
export const raw: Format<string> = {
  quoted: false,
  header: undefined,
  encode: (row) => {
    const reason = whyNotOneLine(row)
    return reason === undefined
      ? Result.succeed(row)
      : Result.fail(new RowNotEncodable({ row, reason }))
  },
  decode: (record) => record
}

const whyNotOneLine = (line: string): string | undefined => {
  if (line.includes("\n")) return "line break inside"
  if (line.includes("\0")) return "zero inside"
  return line.isWellFormed() ? undefined : "lone surrogate"
}
