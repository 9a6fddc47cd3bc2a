/** When a server wants to be asked again (RFC 9110, 10.2.3): seconds, or a date. */

/** The time in milliseconds; `undefined` when the header is absent or says nothing that makes sense. */
export const retryAfter = (header: string | undefined, nowMillis: number): number | undefined => {
  const text = header?.trim() ?? ""
  if (/^\d+$/.test(text)) return nowMillis + Number(text) * 1000
  // Other texts that `Date.parse` takes, such as a lone number with a sign, are no HTTP dates.
  const millis = /^[A-Za-z]{3}.*GMT$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(millis) ? undefined : Math.max(millis, nowMillis)
}
