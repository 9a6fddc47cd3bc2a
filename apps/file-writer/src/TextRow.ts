/** Rows of this program: a line of text and, where somebody asks for its fields, its value. */
import { CsvFormat, Format } from "@fibra/files"
import { Result, type Schema } from "effect"

export interface TextRow {
  readonly text: string
  /** Number of the line in the input, from 1. */
  readonly line: number
  /** What the line says, when options need it. */
  readonly value: Schema.Json | undefined
}

/** A line, whose value is parsed if it is needed. The text is known to be JSON then. */
export const make = (text: string, line: number, needsValue: boolean): TextRow => ({
  text,
  line,
  value: needsValue ? (JSON.parse(text) as Schema.Json) : undefined
})

/** Lines as they are: JSON has been checked by now. */
export const asText: Format.Format<TextRow> = {
  quoted: false,
  header: undefined,
  encode: ({ text }) => Result.succeed(text),
  decode: (text) => ({ text, line: 0, value: Format.jsonl.decode(text) })
}

/** The given fields, as comma-separated values. */
export const asCsv = (columns: CsvFormat.Options["columns"]): Format.Format<TextRow> => {
  const csv = CsvFormat.make({ columns })
  return {
    quoted: csv.quoted,
    header: csv.header,
    encode: ({ text, value }) =>
      isObject(value)
        ? csv.encode(
            Object.fromEntries(columns.map((column) => [column, textOf(fieldOf(value, column))]))
          )
        : Result.fail(new Format.RowNotEncodable({ row: text, reason: "it is no object" })),
    decode: (text) => {
      const row = csv.decode(text)
      const value = row && Object.fromEntries(columns.map((column) => [column, row[column] ?? ""]))
      return value && { text, line: 0, value }
    }
  }
}

/** A field of a row; `a.b` is the field `b` of the field `a`. */
export const fieldOf = (value: Schema.Json | undefined, path: string): Schema.Json | undefined => {
  let at: Schema.Json | undefined = value
  for (const name of path.split(".")) {
    if (!isObject(at)) return undefined
    at = Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at
}

export const isObject = (value: Schema.Json | undefined): value is Schema.JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A value in one cell, or as a key: text as it is, nothing for null, other things as JSON. */
export const textOf = (value: Schema.Json | undefined): string | undefined => {
  if (value === undefined || value === null) return undefined
  return typeof value === "string" ? value : JSON.stringify(value)
}
