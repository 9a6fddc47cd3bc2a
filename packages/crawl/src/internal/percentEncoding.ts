/** Brings percent-encoded text to one form, so that equal paths are equal strings. */

const unreserved = /[A-Za-z0-9\-._~]/

/** Decodes what needs no encoding and writes the rest with upper-case digits (RFC 3986, 6.2.2). */
export const normalizePercent = (text: string): string =>
  text.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16))
    return unreserved.test(character) ? character : escape.toUpperCase()
  })
