/**
 * Reads what a crawl needs from a page: its title, its links, and the fields that a user asks for.
 *
 * Broken HTML is read as far as it goes and never fails.
 *
 * @since 0.1.0
 */
import * as CssSelect from "css-select"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { DomUtils } from "htmlparser2"
import { type Fingerprint, fingerprinter } from "./internal/fingerprint.ts"
import { firstMatches, testOf } from "./internal/firstMatches.ts"
import { parseBounded } from "./internal/parseBounded.ts"
import { scanTags } from "./internal/scanTags.ts"

/**
 * What a crawl needs to know of a page.
 *
 * @since 0.1.0
 */
export interface Outline {
  /** The text of the first `<title>` with white space folded, or `null`. */
  readonly title: string | null
  /** The `href` of the first `<base>` that has one, as written. */
  readonly base: string | undefined
  /** The `href` of the first `<link rel="canonical">`, as written. */
  readonly canonical: string | undefined
  /**
   * The `href` of each `<a>` and `<area>`, and where a `<meta http-equiv="refresh">` leads, as written,
   * in order, up to 20,000.
   */
  readonly links: ReadonlyArray<string>
  /** The links with `rel="nofollow"`, which are not among `links`. */
  readonly nofollowLinks: ReadonlyArray<string>
  /** How many links came after the first 20,000, and are in neither. */
  readonly linksCut: number
  /** Whether a `<meta name="robots">` asks not to follow the links. */
  readonly nofollow: boolean
  /** By which `Traps` recognise pages that are alike. */
  readonly fingerprint: Fingerprint
}

/** More links than this are not of one page, and reading them would hold the crawl. */
const linksMax = 20_000

/**
 * Reads the outline of a page in one pass, without building a tree.
 *
 * ```ts
 * const page = "<base href=/shop/><title> Tea &amp;\n Co </title><a href=1.html>one<a href=2.html>two"
 * const { base, links, title } = Extract.outline(page)
 * const found = [title, base, links] // => ["Tea & Co", "/shop/", ["1.html", "2.html"]]
 * ```
 *
 * @since 0.1.0
 */
export const outline = (html: string): Outline => {
  const links: Array<string> = []
  const nofollowLinks: Array<string> = []
  const fingerprint = fingerprinter()
  let title: string | undefined
  let base: string | undefined
  let canonical: string | undefined
  let nofollow = false
  let linksCut = 0
  const addLink = (href: string | undefined, rel = "") => {
    if (href === undefined) return
    if (links.length + nofollowLinks.length >= linksMax) linksCut += 1
    else if (hasToken(rel, "nofollow")) nofollowLinks.push(href)
    else links.push(href)
  }
  scanTags(html, {
    onTag(tag, { content = "", href, "http-equiv": equivalent, name, rel, src }) {
      if (tag === "a" || tag === "area") addLink(href, rel)
      else if (tag === "img" && src !== undefined) fingerprint.addMark(src)
      else if (tag === "title") title ??= ""
      else if (tag === "base") base ??= href
      else if (tag === "link" && hasToken(rel ?? "", "canonical")) canonical ??= href
      else if (tag === "meta") {
        if (name?.toLowerCase() === "robots") nofollow ||= forbidsFollowing(content)
        if (equivalent?.toLowerCase() === "refresh") addLink(refreshTarget(content))
      }
    },
    onTitle(text) {
      title = text
      fingerprint.addTitle(fold(text))
    },
    onText(start, end, inLink) {
      fingerprint.addText(html, start, end, inLink)
    }
  })
  return {
    title: title === undefined ? null : fold(title),
    base,
    canonical,
    links,
    nofollowLinks,
    linksCut,
    nofollow,
    fingerprint: fingerprint.finish()
  }
}

const hasToken = (list: string, token: string): boolean =>
  list !== "" && list.toLowerCase().split(/\s+/).includes(token)

/** `5; url='/next'` leads to `/next`. */
const refreshTarget = (content: string): string | undefined => {
  const rest = /^\s*[\d.]*\s*[;,]\s*(?:url\s*=)?(.*)$/is.exec(content)?.[1]!.trim() ?? ""
  const quote = /^["']/.exec(rest)?.[0]
  const target = quote === undefined ? rest : rest.slice(1).split(quote, 1)[0]!
  return target === "" ? undefined : target
}

/**
 * Whether the value of a robots `<meta>` or an X-Robots-Tag header asks not to follow links.
 *
 * With a `productToken` a directive that is said to another crawler alone, as in `otherbot: nofollow`, does not count.
 * After a comma it does: nobody can tell whether it is still said to that one.
 *
 * @since 0.1.0
 */
export const forbidsFollowing = (directives: string, productToken?: string): boolean =>
  directives.split(",").some((part) => {
    const [, agent, said] = /^\s*(?:([\w-]+)\s*:)?(.*)$/s.exec(part)!
    const isOurs = agent === undefined || productToken === undefined
    if (!isOurs && agent.toLowerCase() !== productToken.toLowerCase()) return false
    return /(^|\s)(nofollow|none)($|\s)/i.test(said!)
  })

/**
 * A named field and where a page holds it.
 *
 * @since 0.1.0
 */
export interface Selector {
  readonly name: string
  readonly css: string
  /** The attribute to read; without it, the text of the element with white space folded. */
  readonly attribute: string | undefined
  /** Whether to take all matches, as an array, or the first one. */
  readonly all: boolean
}

/**
 * Raised when the text of a selector cannot be understood.
 *
 * @since 0.1.0
 */
export class SelectorInvalid extends Data.TaggedError("SelectorInvalid")<{
  readonly text: string
  readonly reason: string
}> {
  override get message(): string {
    return `${JSON.stringify(this.text)} is not a selector: ${this.reason}`
  }
}

/**
 * Parses `name=css`, `name=css@attribute`, or with `name[]=` to take all matches.
 *
 * ```ts
 * const selector = Extract.selector("images[]=figure img@src")
 * selector // => Result.succeed({ name: "images", css: "figure img", attribute: "src", all: true })
 * ```
 *
 * @since 0.1.0
 */
export const selector = (text: string): Result.Result<Selector, SelectorInvalid> => {
  const parts = /^\s*([\w.-]+)(\[\])?\s*=\s*(.*?)\s*$/s.exec(text)
  // An `@` inside of brackets or quotes belongs to the CSS: only one before a final name counts.
  const [, css, attribute] = /^(.*?)(?:@([\w:-]+))?$/s.exec(parts?.[3] ?? "")!
  if (parts === null || css === "") {
    return Result.fail(
      new SelectorInvalid({
        text,
        reason: "write it as name=css or name=css@attr, with a name of letters, digits, _ . or -"
      })
    )
  }
  const [, name, all] = parts
  return Result.try({
    try: () => CssSelect.compile(css!),
    catch: (cause) => new SelectorInvalid({ text, reason: firstLine(cause) })
  }).pipe(Result.map(() => ({ name: name!, css: css!, attribute, all: all !== undefined })))
}

/**
 * The selected fields of a page by name: a string, an array for `all`, or `null` when absent.
 *
 * @since 0.1.0
 */
export type Fields = Readonly<Record<string, string | null | ReadonlyArray<string>>>

/**
 * Reads the selected fields of a page.
 *
 * The reading ends at what is nested deeper than browsers nest (512 elements), after 250,000 elements,
 * and at a tag with more than 1,024 attributes.
 *
 * @since 0.1.0
 */
export const fields = (html: string, selectors: ReadonlyArray<Selector>): Fields => {
  const tests = selectors.map(({ all, css }) => (all ? undefined : testOf(css)))
  // Most pages have their fields near the top: what is below them is not needed then.
  if (!tests.every((test) => test !== undefined)) return fieldsIn(parseBounded(html), selectors)
  const elements = firstMatches(html, tests)
  return Object.fromEntries(
    selectors.map((selector, index) => {
      const element = elements[index]!
      return [selector.name, element === null ? null : valueAt(selector)(element)]
    })
  )
}

/**
 * Reads the selected fields of each element that matches, from inside of it: a page that lists things
 * gives one record for each.
 *
 * `each` must be a selector, as the `css` of one that {@link selector} has parsed. Bounds are those of
 * {@link fields}.
 *
 * ```ts
 * const page = "<li>Tea<b>4.50</b></li><li>Milk<b>1.20</b></li>"
 * const price = Result.getOrThrow(Extract.selector("price=b"))
 * Extract.records(page, "li", [price]) // => [{ price: "4.50" }, { price: "1.20" }]
 * ```
 *
 * @since 0.1.0
 */
export const records = (
  html: string,
  each: string,
  selectors: ReadonlyArray<Selector>
): ReadonlyArray<Fields> =>
  CssSelect.selectAll<Node, Element>(each, parseBounded(html)).map((element) =>
    fieldsIn(element, selectors)
  )

const fieldsIn = (from: Node, selectors: ReadonlyArray<Selector>): Fields =>
  Object.fromEntries(
    selectors.map((selector) => {
      const { all, css, name } = selector
      if (all) {
        const values = CssSelect.selectAll<Node, Element>(css, from).map(valueAt(selector))
        return [name, values.filter((value) => value !== null)]
      }
      const element = CssSelect.selectOne<Node, Element>(css, from)
      return [name, element === null ? null : valueAt(selector)(element)]
    })
  )

/**
 * Raised for fields that are not of the form that was asked for.
 *
 * @since 0.1.0
 */
export class FieldsRejected extends Data.TaggedError("FieldsRejected")<{
  readonly fields: Fields
  /** In one line, with the names of the fields that are wrong. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/**
 * Turns fields into what a schema says: numbers, dates, defaults, checks.
 *
 * All fields that are wrong are named. The schema may not need services.
 *
 * ```ts
 * const Book = Schema.Struct({ title: Schema.NonEmptyString, price: Schema.FiniteFromString })
 * const toBook = Extract.typed(Book)
 * toBook({ title: "Tea", price: "4.50" }) // => Result.succeed({ title: "Tea", price: 4.5 })
 * const rejected = Result.getOrThrow(Result.flip(toBook({ title: "Tea", price: null })))
 * rejected.reason // => 'Expected string at ["price"]'
 * ```
 *
 * @since 0.1.0
 */
export const typed = <A>(
  schema: Schema.ConstraintDecoder<A>
): ((fields: Fields) => Result.Result<A, FieldsRejected>) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all" })
  return (fields) =>
    Result.mapError(
      decode(fields),
      ({ message }) => new FieldsRejected({ fields, reason: fold(message) })
    )
}

type Element = Parameters<typeof DomUtils.getAttributeValue>[0]
type Node = ReturnType<typeof parseBounded> | Element

const valueAt =
  ({ attribute }: Selector) =>
  (element: Element): string | null =>
    attribute === undefined
      ? fold(DomUtils.textContent(element))
      : (DomUtils.getAttributeValue(element, attribute) ?? null)

const fold = (text: string): string => text.replace(/\s+/g, " ").trim()

const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0]!
