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
 * How rows become records, and where one ends: at a newline.
 *
 * @since 0.1.0
 */
export interface Format<in Row> {
  /** One record without the newline at its end. A record has no zero byte. */
  readonly encode: (row: Row) => Result.Result<string | Uint8Array, RowNotEncodable>
  /** Whether a newline between quotes is a part of the record. */
  readonly quoted: boolean
}

/**
 * JSON Lines: each row is one line of JSON.
 *
 * @since 0.1.0
 */
export const jsonl: Format<Schema.Json> = {
  quoted: false,
  encode: (row) =>
    Result.try({
      try: () => JSON.stringify(row) as string | undefined,
      catch: (cause) => new RowNotEncodable({ row, reason: "not JSON", cause })
    }).pipe(
      Result.filterOrFail(
        (line) => line !== undefined,
        () => new RowNotEncodable({ row, reason: "not JSON" })
      )
    )
}
