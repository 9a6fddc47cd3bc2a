/** The columns of a table and their types, where a format must know them before the first row. */
import * as Effect from "effect/Effect"
import type { Json, JsonObject } from "effect/Schema"
import * as Stream from "effect/Stream"

export interface Column {
  readonly name: string
  /** `json`: lists, or values of several types. */
  readonly type: "boolean" | "integer" | "number" | "text" | "json"
}

/** Reads all rows for the columns that hold them, in the order in which the fields first come. */
export const survey = <E, R>(
  chunks: Stream.Stream<ReadonlyArray<JsonObject>, E, R>
): Effect.Effect<ReadonlyArray<Column>, E, R> =>
  Effect.suspend(() => {
    const types = new Map<string, Column["type"] | undefined>()
    return chunks.pipe(
      Stream.runForEach((rows) =>
        Effect.sync(() => {
          for (const row of rows) {
            for (const [name, value] of Object.entries(row)) {
              types.set(name, widened(types.get(name), value))
            }
          }
        })
      ),
      Effect.map(() => Array.from(types, ([name, type]) => ({ name, type: type ?? "text" })))
    )
  })

/** The narrowest type for both; `null` says nothing about it. */
const widened = (type: Column["type"] | undefined, value: Json): Column["type"] | undefined => {
  if (value === null) return type
  const own = typeOf(value)
  if (type === undefined || type === own) return own
  const areNumbers = [type, own].every((one) => one === "integer" || one === "number")
  return areNumbers ? "number" : "json"
}

const typeOf = (value: Json): Column["type"] => {
  switch (typeof value) {
    case "boolean":
      return "boolean"
    case "number":
      return Number.isSafeInteger(value) ? "integer" : "number"
    case "string":
      return "text"
    default:
      return "json"
  }
}
