/** Flags about what a request carries, and by which way it goes. */
import * as Program from "@fibra/cli/Program"
import * as CookieJar from "@fibra/http/CookieJar"
import * as NetscapeCookies from "@fibra/http/NetscapeCookies"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Flag from "effect/cli/Flag"

export const parameters = {
  header: Flag.String("header").pipe(
    Flag.withMetavar("NAME:VALUE"),
    Flag.withDescription(
      "A header of each request to the sites of the start URLs; repeatable. Other sites get" +
        " Accept, Accept-Language, Cache-Control, DNT and Referer only, and never a key or a cookie"
    ),
    Flag.atLeast(0)
  ),
  cookies: Flag.String("cookies").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "Cookies to begin with, in the Netscape format of curl, wget and yt-dlp; those that sites set" +
        " are kept too, until the end of the run (default: no cookies)"
    ),
    Flag.optional
  ),
  proxy: Flag.String("proxy").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription(
      "An HTTP proxy for all requests, such as http://user:password@host:3128. It resolves the names:" +
        " then only addresses written in URLs are checked for being public (default: none)"
    ),
    Flag.optional
  )
}

/** Those that the fetcher sets or that frame the request. */
const reserved = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent"
])

/** Headers from the command line. No error has a value in it: that may be a secret. */
const parseHeaders = (texts: ReadonlyArray<string>) =>
  Effect.forEach(texts, (text) => {
    const colon = text.indexOf(":")
    const [name, value] = [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()]
    const wrong = whyNoHeader(colon < 0 ? "" : name, value)
    return wrong === undefined
      ? Effect.succeed([name, value] as const)
      : stop(2, `--header ${wrong}`)
  })

const whyNoHeader = (name: string, value: string): string | undefined => {
  if (name === "" || value === "") return 'needs a name and a value, such as "Accept-Language: de"'
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    return "needs a name of letters, digits and - before the colon"
  }
  if (!/^[\t\u0020-\u007E\u0080-\u00FF]+$/.test(value)) {
    return `${name} has a value with characters that no header can have`
  }
  return reserved.has(name) || name.startsWith("proxy-")
    ? `${name} cannot be given: it is set for each request`
    : undefined
}

const stop = (exitCode: number, reason: string) =>
  Effect.fail(new Program.Stopped({ exitCode, reason }))

/** What a stranger may be told: all else could be a secret between the user and the sites they named. */
const harmless = new Set([
  "accept",
  "accept-language",
  "cache-control",
  "dnt",
  "pragma",
  "referer",
  "sec-gpc"
])

/** Which of the headers go to a URL, when these are the URLs that the user has named. */
export const headersFor = Effect.fnUntraced(function* (
  texts: ReadonlyArray<string>,
  named: ReadonlyArray<URL>
) {
  const headers = yield* parseHeaders(texts)
  if (headers.length === 0) return undefined
  const origins = new Set(named.map(({ origin }) => origin))
  const all = Object.fromEntries(headers)
  const few = Object.fromEntries(headers.filter(([name]) => harmless.has(name)))
  return ({ origin }: URL) => (origins.has(origin) ? all : few)
})

/** The proxy; no error has its text, which may hold a password. */
export const parseProxy = (text: Option.Option<string>) => {
  if (Option.isNone(text)) return Effect.succeed(undefined)
  const url = URL.parse(text.value)
  if (url === null) return stop(2, "--proxy is no URL; write it as http://host:port")
  if (!/^https?:$/.test(url.protocol)) {
    return stop(2, "--proxy is not http or https: no other kind of proxy is known")
  }
  const isBare = url.pathname === "/" && url.search === "" && url.hash === ""
  return isBare
    ? Effect.succeed(url)
    : stop(2, `--proxy http://${url.host} has a path, which no proxy has`)
}

/** A jar with the cookies of the file; `undefined` without one. */
export const readCookies = Effect.fnUntraced(function* (file: Option.Option<string>) {
  if (Option.isNone(file)) return undefined
  const path = file.value
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.catch(fs.readFileString(path), ({ message }) =>
    stop(3, `cannot read the cookies in ${path}: ${message}`)
  )
  const parsed = NetscapeCookies.parse(text)
  if (Result.isFailure(parsed)) {
    const { line, reason } = parsed.failure
    return yield* stop(2, `line ${line} of ${path}: ${reason}`)
  }
  if (parsed.success.length > bounds.cookiesMax) {
    return yield* stop(2, `${path} has more than ${bounds.cookiesMax} cookies`)
  }
  const jar = yield* CookieJar.make(bounds)
  for (const { setCookie, url } of parsed.success) yield* jar.store(url, [setCookie])
  return jar
})

/** Those of a browser's whole profile (Chrome's own bounds). */
const bounds = { cookiesMax: 3_300, cookiesPerDomainMax: 180 }

export interface Address {
  readonly host: string
  readonly port: number
}

/** `:9464` is on this machine only; `undefined` for what is no address. */
export const parseAddress = (text: string): Address | undefined => {
  const [, host, digits] = /^(?:\[?([\w.:-]*?)\]?:)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) return undefined
  return { host: host || "127.0.0.1", port }
}
