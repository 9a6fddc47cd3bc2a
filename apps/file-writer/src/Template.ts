/** Directories by what is in a row: `date={ts:%Y-%m-%d}/{host}`. */
import { Result, type Schema } from "effect"
import { fieldOf } from "./TextRow.ts"

/** The directory of a row. One that lacks a field gets a path that is refused as unsafe. */
export type Template = (value: Schema.Json | undefined) => string

type Part = (value: Schema.Json | undefined) => string

/** Fails with what is wrong, in words. */
export const parse = (text: string): Result.Result<Template, string> => {
  const parts: Array<Part> = []
  for (const [piece, field, format] of text.matchAll(/[^{}]+|\{([^{}:]+)(?::([^{}]+))?\}|[{}]/g)) {
    if (piece === "{" || piece === "}") return Result.fail(`"${piece}" has no other half`)
    if (field === undefined) {
      parts.push(() => piece)
    } else if (format === undefined) {
      parts.push((value) => segment(fieldOf(value, field)))
    } else {
      const unknown = /%[^YmdHMS%]|%$/.exec(format)
      if (unknown !== null) return Result.fail(`"${unknown[0]}" is none of %Y %m %d %H %M %S`)
      parts.push((value) => segment(dateOf(fieldOf(value, field), format)))
    }
  }
  return parts.length === 0
    ? Result.fail("it is empty")
    : Result.succeed((value) => parts.map((part) => part(value)).join(""))
}

/** A value in one name: what could start another one is written as `%2F`. */
const segment = (value: Schema.Json | undefined): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? encodeURIComponent(String(value).toWellFormed())
    : ""

/** A date in UTC: of ISO 8601, or of milliseconds since 1970. */
const dateOf = (value: Schema.Json | undefined, format: string): string | undefined => {
  if (typeof value !== "string" && typeof value !== "number") return undefined
  const date = new Date(value)
  if (Number.isNaN(date.getTime())) return undefined
  const [, year, month, day, hour, minute, second] =
    /^([+-]?\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(date.toISOString())!
  const parts: Record<string, string | undefined> = {
    "%Y": year,
    "%m": month,
    "%d": day,
    "%H": hour,
    "%M": minute,
    "%S": second,
    "%%": "%"
  }
  return format.replaceAll(/%./g, (code) => parts[code] ?? code)
}
