/** Brings percent-encoded text to one form, so that equal paths are equal strings. */

const unreserved = /[A-Za-z0-9\-._~]/

/**
 * Decodes what needs no encoding and writes the rest with upper-case digits (RFC 3986, 6.2.2).
 *
 * A `%` that starts no escape is encoded, or it could start one when what follows it is decoded.
 */
export const normalizePercent = (text: string): string =>
  text.includes("%")
    ? text.replace(/%([0-9A-Fa-f]{2})?/g, (escape, digits: string | undefined) => {
        if (digits === undefined) return "%25"
        const character = String.fromCharCode(parseInt(digits, 16))
        return unreserved.test(character) ? character : escape.toUpperCase()
      })
    : text
