/**
 * What a crawl writes about one page.
 *
 * @since 0.1.0
 */
import type { Fields as SelectedFields } from "./Extract.ts"

/**
 * What each row has.
 *
 * @since 0.1.0
 */
export interface Head {
  /** The canonical URL: see `CanonicalUrl`. */
  readonly url: string
  readonly status: number
  /** Links from a seed to the page. */
  readonly depth: number
  /** Only the beginning of the page was read, as its fetcher keeps what is too large (`keepTruncated`). */
  readonly truncated?: true
}

/**
 * What a page itself says, where no schema makes something else of it: its title, and the selected fields.
 *
 * @since 0.1.0
 */
export interface Fields {
  readonly title: string | null
  readonly [field: string]: string | number | true | null | undefined | ReadonlyArray<string>
}

/**
 * One page that answered with 2xx: with its title and the selected fields, or with what a schema has made
 * of these.
 *
 * @since 0.1.0
 */
export type Row<A = Fields> = Head & A

/**
 * A page whose title and fields a schema did not take.
 *
 * @since 0.1.0
 */
export interface Reject {
  readonly url: string
  /** In one line, with the names of the fields that are wrong. */
  readonly cause: string
  /** As they were read. */
  readonly fields: SelectedFields
}
