/** Rows as bytes of a format, for a file that is published whole or for stdout. */
import * as CsvFormat from "@fibra/files/CsvFormat"
import * as Effect from "effect/Effect"
import type { Json, JsonObject } from "effect/Schema"
import * as Result from "effect/Result"
import type { ColumnSource, ParquetWriter } from "hyparquet-writer"
import type { Column } from "./Columns.ts"
import { textOf } from "./Where.ts"

export interface RowWriter {
  /** The bytes that these rows complete. */
  readonly encode: (rows: ReadonlyArray<JsonObject>) => string | Uint8Array
  /** The bytes that come last. */
  readonly end: () => string | Uint8Array
}

export const jsonl = (fields: ReadonlyArray<string> | undefined): RowWriter => ({
  encode: (rows) => rows.map((row) => `${JSON.stringify(pick(row, fields))}\n`).join(""),
  end: () => ""
})

const pick = (row: JsonObject, fields: ReadonlyArray<string> | undefined) =>
  fields === undefined ? row : Object.fromEntries(fields.map((name) => [name, valueOf(row, name)]))

const valueOf = (row: JsonObject, name: string): Json =>
  Object.hasOwn(row, name) ? (row[name] ?? null) : null

/** With a line of names first. Nothing is an empty cell, lists are JSON. */
export const csv = (columns: ReadonlyArray<Column>, escapesFormulas: boolean): RowWriter => {
  const [first, ...rest] = columns.map(({ name }) => name)
  if (first === undefined) return { encode: () => "", end: () => "" }
  const format = CsvFormat.make({ columns: [first, ...rest] })
  let header = `${format.header}\n`
  const cellOf = (value: Json) => {
    // What no CSV can hold is what a decoder makes of it: a replacement character.
    const text = textOf(value).toWellFormed().replaceAll("\0", "\uFFFD")
    return escapesFormulas && typeof value === "string" && isFormula(text) ? `'${text}` : text
  }
  const takeHeader = () => {
    const taken = header
    header = ""
    return taken
  }
  return {
    encode: (rows) => {
      const records = rows.map((row) => {
        const cells = columns.map(({ name }) => [name, cellOf(valueOf(row, name))])
        return Result.getOrThrow(format.encode(Object.fromEntries(cells)))
      })
      return takeHeader() + records.map((record) => `${record as string}\n`).join("")
    },
    end: takeHeader
  }
}

/** What a spreadsheet would run instead of show. */
const isFormula = (text: string) => /^\s*[=+\-@\t\r]/.test(text)

/** Rows of a group, of which a reader takes all or none; readers like them large. */
const groupRowsMax = 10_000

export const parquet = Effect.fnUntraced(function* (columns: ReadonlyArray<Column>) {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = yield* Effect.promise(
    () => import("hyparquet-writer")
  )
  const bytes = new ByteWriter()
  const columnData = (rows: ReadonlyArray<JsonObject>) => columns.map(dataOf(rows))
  const schema = schemaFromColumnData({ columnData: columnData([]) })
  const writer: ParquetWriter = new ParquetWriter({ writer: bytes, schema })
  let group: Array<JsonObject> = []
  const take = () => {
    const taken = bytes.getBytes().slice()
    bytes.index = 0
    return taken
  }
  const writeGroup = () => {
    if (group.length > 0) {
      writer.write({ columnData: columnData(group), rowGroupSize: group.length })
    }
    group = []
  }
  return {
    encode: (rows) => {
      group.push(...rows)
      if (group.length >= groupRowsMax) writeGroup()
      return take()
    },
    end: () => {
      writeGroup()
      writer.finish()
      return take()
    }
  } satisfies RowWriter as RowWriter
})

const dataOf =
  (rows: ReadonlyArray<JsonObject>) =>
  ({ name, type }: Column): ColumnSource => {
    const values = rows.map((row) => valueOf(row, name))
    switch (type) {
      case "boolean":
        return { name, type: "BOOLEAN", data: values, nullable: true }
      case "integer": {
        const data = values.map((value) => (typeof value === "number" ? BigInt(value) : null))
        return { name, type: "INT64", data, nullable: true }
      }
      case "number":
        return { name, type: "DOUBLE", data: values, nullable: true }
      case "text":
        return { name, type: "STRING", data: values, nullable: true }
      case "json":
        return { name, type: "JSON", data: values, nullable: true }
    }
  }
