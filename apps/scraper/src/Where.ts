/** `--where NAME=VALUE`, `NAME!=VALUE` and `NAME~REGEXP`: which rows are meant. */
import * as Effect from "effect/Effect"
import type { Json, JsonObject } from "effect/Schema"
import { usage } from "./CrawlFlags.ts"

export interface Condition {
  readonly name: string
  readonly holds: (row: JsonObject) => boolean
}

export const parse = Effect.fnUntraced(function* (text: string) {
  const [, name, operator, operand] = /^([\w.-]+)(!=|=|~)(.*)$/s.exec(text) ?? []
  if (name === undefined || operand === undefined) {
    return yield* usage(
      `--where ${text} is no condition; write NAME=VALUE, NAME!=VALUE or NAME~REGEXP`
    )
  }
  const of = (row: JsonObject) => textOf(Object.hasOwn(row, name) ? row[name] : null)
  if (operator !== "~") {
    const isEqual = operator === "="
    return {
      name,
      holds: (row) => (of(row) === operand) === isEqual
    } satisfies Condition as Condition
  }
  const pattern = yield* Effect.try({
    try: () => new RegExp(operand, "u"),
    catch: (cause) => usage(`--where ${text}: ${(cause as Error).message}`)
  })
  return { name, holds: (row) => pattern.test(of(row)) } satisfies Condition as Condition
})

/** Nothing is an empty text. */
export const textOf = (value: Json | undefined): string => {
  if (value === null || value === undefined) return ""
  return typeof value === "string" ? value : JSON.stringify(value)
}
