/**
 * What a crawl writes about one page.
 *
 * @since 0.1.0
 */

/**
 * One page that answered with 2xx, with a property for each selected field.
 *
 * @since 0.1.0
 */
export interface Row {
  /** The canonical URL: see `CanonicalUrl`. */
  readonly url: string
  readonly status: number
  /** Links from a seed to the page. */
  readonly depth: number
  readonly title: string | null
  readonly [field: string]: string | number | null | ReadonlyArray<string>
}
