/**
 * Comma-separated values (RFC 4180), as Effect encodes and decodes them.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Format from "./Format.ts"

/**
 * A row of a CSV file. A column that is not there, or `undefined`, is an empty cell.
 *
 * @since 0.1.0
 */
export interface Row {
  readonly [column: string]: string | undefined
}

/**
 * What the file looks like.
 *
 * @since 0.1.0
 */
export interface Options {
  /** The keys of a row that are written, in this order. Each file starts with a line of them. */
  readonly columns: NonEmptyReadonlyArray<string>
  /** Between cells; one character, no quote and no line break. Default `,`. */
  readonly delimiter?: string | undefined
}

/**
 * Rows as comma-separated values with a line of column names, and `\n` at the end of a record.
 *
 * A cell that is no string, or that has a zero or half a character in it, cannot be encoded.
 *
 * ```ts
 * const format = CsvFormat.make({ columns: ["name", "city"] })
 * format.header // => "name,city"
 * format.encode({ name: 'Ada "Countess"', city: "London" }) // => Result.succeed('"Ada ""Countess""",London')
 * ```
 *
 * @since 0.1.0
 */
export const make = ({ columns, delimiter }: Options): Format.Format<Row> => {
  const encode = oneByOne(Csv.encodeString({ columns, delimiter, newline: "\n" }))
  const names = Object.fromEntries(columns.map((column) => [column, column]))
  return {
    quoted: true,
    header: Exit.match(encode(names), { onSuccess: withoutNewline, onFailure: () => undefined }),
    encode: (row) => {
      const encoded = encode(row)
      if (Exit.isFailure(encoded)) {
        const cause = Cause.squash(encoded.cause)
        return Result.fail(new Format.RowNotEncodable({ row, reason: "not CSV", cause }))
      }
      const text = withoutNewline(encoded.value)
      if (text.isWellFormed() && !text.includes("\0")) return Result.succeed(text)
      const reason = "a zero or half a character inside"
      return Result.fail(new Format.RowNotEncodable({ row, reason }))
    },
    decode: (record) => {
      // One for each record: after a fault the decoder would be somewhere in the middle.
      const decoded = oneByOne(Csv.decodeString({ delimiter }))(`${record}\n`)
      if (Exit.isFailure(decoded) || decoded.value.length !== columns.length) return undefined
      const cells = decoded.value
      return Object.fromEntries(columns.map((column, index) => [column, cells[index]]))
    }
  }
}

const withoutNewline = (record: string) => record.slice(0, -1)

/** What a channel makes of one element; it must give one for each, and at once. */
const oneByOne = <Out, In, E>(
  channel: Channel.Channel<
    NonEmptyReadonlyArray<Out>,
    E,
    unknown,
    NonEmptyReadonlyArray<In>,
    never,
    unknown
  >
) => {
  let next: In
  const elements = Effect.sync((): NonEmptyReadonlyArray<In> => [next])
  const pull = Effect.runSync(Channel.toTransform(channel)(elements, Scope.makeUnsafe()))
  return (element: In) => {
    next = element
    return Exit.map(Effect.runSyncExit(pull), ([first]) => first)
  }
}
