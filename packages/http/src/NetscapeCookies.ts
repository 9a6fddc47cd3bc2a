/**
 * Reads cookie files as browsers' export tools, curl, wget and yt-dlp write them.
 *
 * The format is that of Netscape: a cookie is a line of seven fields that tabs part. It was never
 * specified; this follows curl (https://curl.se/docs/http-cookies.html), but reports what is wrong.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/**
 * A line of the file is no cookie.
 *
 * @since 0.1.0
 */
export class CookiesFileInvalid extends Data.TaggedError("CookiesFileInvalid")<{
  /** From 1. */
  readonly line: number
  readonly reason: string
}> {
  override get message(): string {
    return `line ${this.line}: ${this.reason}`
  }
}

/**
 * A cookie as a `CookieJar` takes it: who could have set it, and with which header.
 *
 * @since 0.1.0
 */
export interface NetscapeCookie {
  readonly url: URL
  readonly setCookie: string
}

/**
 * Reads all cookies of a file, those that have expired too; a jar leaves these out.
 *
 * Lines that are empty or begin with `#` are passed over, but for `#HttpOnly_`, which marks a cookie. An
 * end of 0 means that the cookie lasts as long as its session. No value of a cookie is in an error.
 *
 * ```ts
 * const jar = yield* CookieJar.make()
 * const text = ".shop.example\tTRUE\t/\tTRUE\t0\tsession\tabc\n"
 * for (const { setCookie, url } of Result.getOrThrow(NetscapeCookies.parse(text))) {
 *   yield* jar.store(url, [setCookie])
 * }
 * yield* jar.headerFor(new URL("https://www.shop.example/")) // => "session=abc"
 * ```
 *
 * @since 0.1.0
 */
export const parse = (
  text: string
): Result.Result<ReadonlyArray<NetscapeCookie>, CookiesFileInvalid> => {
  const cookies: Array<NetscapeCookie> = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (line.trim() === "" || (line.startsWith("#") && !line.startsWith(httpOnly))) continue
    const cookie = readLine(line)
    if (typeof cookie === "string") {
      return Result.fail(new CookiesFileInvalid({ line: index + 1, reason: cookie }))
    }
    cookies.push(cookie)
  }
  return Result.succeed(cookies)
}

const httpOnly = "#HttpOnly_"
/** The last second of the year 9999. */
const secondsMax = 253_402_300_799

/** A cookie, or why it is none. */
const readLine = (line: string): NetscapeCookie | string => {
  const isHttpOnly = line.startsWith(httpOnly)
  const fields = (isHttpOnly ? line.slice(httpOnly.length) : line).split("\t")
  // A cookie without a value often has no last field.
  if (fields.length < 6 || fields.length > 7) {
    const hint = /^\s*[[{]/.test(line) ? "; export it in the Netscape format, not as JSON" : ""
    return `a cookie has 7 fields with tabs between them, and this line has ${fields.length}${hint}`
  }
  const [domain, withSubdomains, path, secure, end, name, value = ""] = fields as [
    string,
    ...ReadonlyArray<string>
  ]
  const host = domain.replace(/^\./, "").toLowerCase()
  const isSecure = truth(secure)
  const isForSubdomains = truth(withSubdomains)
  const url = URL.parse(`${isSecure === true ? "https" : "http"}://${host}/`)
  if (url === null || host === "" || url.host !== host) return "the first field is no host"
  if (isForSubdomains === undefined) return "the second field is neither TRUE nor FALSE"
  if (!path!.startsWith("/")) return "the third field is no path"
  if (isSecure === undefined) return "the fourth field is neither TRUE nor FALSE"
  if (!/^-?\d*(\.\d+)?$/.test(end!)) return "the fifth field is no time in seconds"
  if (!isToken(name!)) return "the sixth field is no name of a cookie"
  if (!isValue(value)) return "the seventh field is no value of a cookie"
  const seconds = Math.min(Number(end), secondsMax)
  const attributes = [
    `${name}=${value}`,
    `Path=${path}`,
    // A host without a dot, or an address, has no subdomains.
    ...(isForSubdomains && /\.[a-z]/.test(host) ? [`Domain=${host}`] : []),
    ...(seconds > 0 ? [`Expires=${new Date(seconds * 1000).toUTCString()}`] : []),
    ...(isSecure ? ["Secure"] : []),
    ...(isHttpOnly ? ["HttpOnly"] : [])
  ]
  return { url, setCookie: attributes.join("; ") }
}

const truth = (field: string | undefined): boolean | undefined => {
  const text = field?.toUpperCase()
  return text === "TRUE" ? true : text === "FALSE" ? false : undefined
}

const isToken = (text: string) => /^[!#$%&'*+\-.^_`|~\w]+$/.test(text)

// eslint-disable-next-line no-control-regex
const isValue = (text: string) => !/[\u0000-\u001F\u007F;]/.test(text)
