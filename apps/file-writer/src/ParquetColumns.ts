/** The columns of a Parquet file: each has one type, which the first rows decide. */
import type { Schema } from "effect"
import type { BasicType, ColumnSource } from "hyparquet-writer"
import { isObject } from "./TextRow.ts"

export interface Column {
  readonly name: string
  readonly type: Extract<BasicType, "BOOLEAN" | "DOUBLE" | "STRING" | "JSON">
}

interface Row {
  readonly value: Schema.Json | undefined
}

/** The named columns or, without names, all fields of these rows. */
export const of = (
  rows: ReadonlyArray<Row>,
  names: ReadonlyArray<string>
): ReadonlyArray<Column> => {
  const types = new Map<string, Column["type"] | undefined>(names.map((name) => [name, undefined]))
  for (const { value } of rows) {
    if (!isObject(value)) continue
    for (const [name, field] of Object.entries(value)) {
      if (names.length > 0 && !types.has(name)) continue
      types.set(name, widened(types.get(name), field))
    }
  }
  return Array.from(types, ([name, type]) => ({ name, type: type ?? "JSON" }))
}

/** The narrowest type that holds both; nothing says nothing about it. */
const widened = (
  type: Column["type"] | undefined,
  value: Schema.Json
): Column["type"] | undefined => {
  if (value === null) return type
  const own = typeOf(value)
  return type === undefined || type === own ? own : "JSON"
}

const typeOf = (value: Schema.Json): Column["type"] => {
  switch (typeof value) {
    case "boolean":
      return "BOOLEAN"
    case "number":
      return "DOUBLE"
    case "string":
      return "STRING"
    default:
      return "JSON"
  }
}

/** The row as an object that fits the columns, or why it does not; `isClosed`: it may have no others. */
export const fit = (
  value: Schema.Json | undefined,
  columns: ReadonlyArray<Column>,
  isClosed: boolean
): Schema.JsonObject | string => {
  if (!isObject(value)) return "it is no object"
  for (const { name, type } of columns) {
    const field = Object.hasOwn(value, name) ? value[name] : null
    if (field === null || field === undefined || type === "JSON" || typeOf(field) === type) continue
    return `its ${name} is no ${type}, as in the rows before`
  }
  const names = new Set(columns.map(({ name }) => name))
  const other = isClosed ? Object.keys(value).find((name) => !names.has(name)) : undefined
  return other === undefined ? value : `it has a field ${other}, which the first rows have not`
}

/** What `hyparquet-writer` takes. */
export const dataOf = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<Schema.JsonObject>
): Array<ColumnSource> =>
  columns.map(({ name, type }) => ({
    name,
    type,
    data: rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null))
  }))
