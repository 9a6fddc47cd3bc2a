/** Decides what a page that was read gives: a row, a reject, or nothing. */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { typed, type Fields } from "../Extract.ts"
import type { Reject, Row } from "../Row.ts"
import type { Page } from "./settlement.ts"

export type Given<A> =
  | { readonly _tag: "Row"; readonly row: Row<A> }
  | { readonly _tag: "Rejected"; readonly reject: Reject }
  | { readonly _tag: "LeftOut" }
  /** Its row is that of the page with this key. */
  | { readonly _tag: "Duplicate"; readonly owner: string }

export interface Options<A> {
  /** Asked before the schema, so that a page of another kind is no reject. */
  readonly keeps: ((row: Row) => boolean) | undefined
  readonly schema: Schema.ConstraintDecoder<A> | undefined
  /** The key of the page that has the row already. */
  readonly ownerOf: (page: Page, canonical: string | undefined) => string | undefined
  /** Whether rows are written, which only what has a form in JSON can be. */
  readonly isWritten: boolean
}

export const make = <A>({
  isWritten,
  keeps,
  ownerOf,
  schema
}: Options<A>): ((page: Page, row: Row, canonical: string | undefined) => Given<A>) => {
  const decode = schema === undefined ? undefined : typed(schema)
  const typedRow = (row: Row): Given<A> => {
    // Without a schema rows are what they are by default.
    if (decode === undefined) return { _tag: "Row", row: row as Row & Row<A> }
    const { depth, status, truncated, url, ...rest } = row
    const fields = rest as Fields
    const value = Result.mapError(decode(fields), ({ reason }) => reason)
    const cause = Result.isFailure(value) ? value.failure : whyNoRow(value.success, isWritten)
    if (cause !== undefined) return { _tag: "Rejected", reject: { url, cause, fields } }
    const head = { url, status, depth, ...(truncated === true ? { truncated } : {}) }
    return { _tag: "Row", row: { ...head, ...Result.getOrThrow(value), ...head } }
  }
  return (page, row, canonical) => {
    if (keeps?.(row) === false) return { _tag: "LeftOut" }
    const given = typedRow(row)
    if (given._tag !== "Row") return given
    const owner = ownerOf(page, canonical)
    return owner === undefined ? given : { _tag: "Duplicate", owner }
  }
}

const whyNoRow = (value: unknown, isWritten: boolean): string | undefined => {
  if (typeof value !== "object" || value === null) return "the schema makes no object of it"
  if (!isWritten) return undefined
  const form = Result.try({
    try: () => JSON.stringify(value),
    catch: (cause) => `it has no form in JSON: ${(cause as Error).message}`
  })
  return Result.isFailure(form) ? form.failure : undefined
}
