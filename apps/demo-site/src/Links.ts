/**
 * The forms in which a page writes a link. All of them lead to the same canonical URL: a crawler
 * that fetches a page once for each form has no identity for URLs.
 */
import type * as Prng from "./Prng.ts"

/** Where a link is written. */
export interface From {
  /** `http://host:port`, without a slash at the end. */
  readonly origin: string
  readonly path: string
}

export type Form = keyof typeof forms

const forms = {
  /** `../books/x.html` */
  relative: (target: string, from: From) => relative(from.path, target),
  /** `/books/x.html` */
  absolutePath: (target: string) => target,
  /** `http://host:port/books/x.html` */
  absoluteUrl: (target: string, from: From) => from.origin + target,
  /** `//host:port/books/x.html` */
  protocolRelative: (target: string, from: From) => from.origin.replace("http:", "") + target,
  /** Scheme in capitals, and a `.` and a `..` in the path. */
  untidyUrl: (target: string, from: From) =>
    `${from.origin.replace("http:", "HTTP:")}/./catalogue/..${target}`,
  /** `/books/x.html#reviews` */
  fragment: (target: string) => `${target}#reviews`,
  /** `/books/x.html?utm_source=...` */
  tracking: (target: string) =>
    `${target}${target.includes("?") ? "&" : "?"}utm_source=lanternfish&utm_medium=shelf`,
  /** Escapes in lower case, and hyphens escaped though they need not be. */
  escaped: (target: string) =>
    target.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()).replaceAll("-", "%2D"),
  /** Letters outside ASCII as they are. */
  unescaped: (target: string) => decodeURIComponent(target)
} satisfies Record<string, (target: string, from: From) => string>

export const allForms: ReadonlyArray<Form> = Object.keys(forms) as Array<Form>

/** The value of `href` (not yet escaped for HTML) for a canonical path in one form. */
export const href = (target: string, form: Form, from: From): string => forms[form](target, from)

/** A form as a page of a real site might use it: plain ones most of the time. */
export const someForm = (prng: Prng.Prng): Form =>
  prng.onceIn(3) ? prng.pick(allForms) : prng.pick(["relative", "absolutePath"])

/**
 * The one key of all forms of a URL: escapes in capitals, none that is not needed, no tracking
 * parameters, no fragment. Takes and gives a path with its query.
 */
export const canonical = (pathAndQuery: string): string => {
  const [whole = ""] = pathAndQuery.split("#", 1)
  const mark = whole.indexOf("?")
  const path = (mark < 0 ? whole : whole.slice(0, mark)).replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase()
  })
  if (mark < 0) return path
  const query = whole
    .slice(mark + 1)
    .split("&")
    .filter((part) => part !== "" && !part.startsWith("utm_"))
    .join("&")
  return query === "" ? path : `${path}?${query}`
}

const relative = (from: string, target: string): string => {
  const [here, there] = [from.split("/").slice(1, -1), target.split("/").slice(1)]
  const last = there.pop()!
  let shared = 0
  while (shared < Math.min(here.length, there.length) && here[shared] === there[shared]) shared++
  const steps = [...here.slice(shared).map(() => ".."), ...there.slice(shared), last]
  return steps.length === 1 && last === "" ? "./" : steps.join("/")
}
