/**
 * Asks for a page again only when it may have changed, and gets it again only if it has.
 *
 * How long a response may be kept is decided by `http-cache-semantics`, which knows RFC 9111; this
 * cache has one user, so that `private` responses count.
 *
 * @since 0.1.0
 */
import CachePolicy from "http-cache-semantics"

/**
 * What a server calls the version of a page that it has sent.
 *
 * @since 0.1.0
 */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

/**
 * Returns the validators of a response, or `undefined` when it has none.
 *
 * ```ts
 * Revalidation.validatorsOf({ etag: '"v7"', "content-type": "text/html" }) // => { etag: '"v7"' }
 * ```
 *
 * @since 0.1.0
 */
export const validatorsOf = (headers: Readonly<Record<string, string>>): Validators | undefined => {
  const { etag, "last-modified": lastModified } = headers
  if (etag === undefined && lastModified === undefined) return undefined
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified })
  }
}

/**
 * Returns the headers that ask for a page unless it is still the one with these validators. A server
 * then answers 304, without a body; the headers of that answer replace those of the old response.
 *
 * Both headers are sent: a server that knows ETags ignores the date (RFC 9110, 13.1.3).
 *
 * @since 0.1.0
 */
export const conditionalHeaders = (validators: Validators): Record<string, string> => ({
  ...(validators.etag === undefined ? {} : { "if-none-match": validators.etag }),
  ...(validators.lastModified === undefined ? {} : { "if-modified-since": validators.lastModified })
})

/**
 * What may be done with a response later.
 *
 * @since 0.1.0
 */
export interface Freshness {
  /** Whether it may be kept at all. */
  readonly isStorable: boolean
  /** Until when it need not be asked for again, in milliseconds of the clock. */
  readonly freshUntilMillis: number
}

/**
 * Tells how long the response to a GET may be used without asking again.
 *
 * Without an explicit time it is a tenth of the time since its last change (RFC 9111, 4.2.2).
 *
 * ```ts
 * const headers = { "cache-control": "max-age=60" }
 * Revalidation.freshnessOf({ status: 200, headers }, 1_000)
 * // => { isStorable: true, freshUntilMillis: 61_000 }
 * ```
 *
 * @since 0.1.0
 */
export const freshnessOf = (
  response: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  receivedAtMillis: number
): Freshness => {
  // A response without a date has that of its receipt, and the library would take its own clock.
  const headers = { date: new Date(receivedAtMillis).toUTCString(), ...response.headers }
  const policy = new CachePolicy(
    { headers: {} },
    { status: response.status, headers },
    { shared: false }
  )
  const ageSeconds = Number(response.headers["age"] ?? 0) || 0
  const remainingSeconds = Math.max(0, policy.maxAge() - Math.max(0, ageSeconds))
  return {
    isStorable: policy.storable(),
    freshUntilMillis: receivedAtMillis + Math.round(remainingSeconds * 1000)
  }
}
