/**
 * Finds the tags and the text that matter to a crawl, without a tree and without a stack.
 *
 * A parser keeps a stack of open elements, and pays for its depth at each tag: one page of a million
 * nested elements held a crawl for minutes. Links need no stack.
 */
import { decodeHTML, decodeHTMLAttribute } from "entities/decode"
import { Tokenizer } from "htmlparser2"

export interface Visitor {
  /** An opened tag of those in `tags`, with its attributes that matter. */
  onTag(name: Tag, attributes: Attributes): void
  /** The text of the first `title`. */
  onTitle(text: string): void
  /** Text that a reader sees, from `start` to `end`; not that of titles, scripts and styles. */
  onText(start: number, end: number, inLink: boolean): void
}

type Tag = "a" | "area" | "base" | "img" | "link" | "meta" | "title"

type Attributes = Partial<
  Record<"href" | "name" | "content" | "rel" | "src" | "http-equiv", string>
>

const tags = ["a", "area", "base", "img", "link", "meta", "title", "script", "style"]
const attributeNames = ["href", "name", "content", "rel", "src", "http-equiv"]
const hidden = new Set(["script", "style"])

/**
 * Finds a name of a list in a text, in any case of letters.
 *
 * Most names on a page are none of the list, and their length and first letter say so without a copy.
 */
const finder = (names: ReadonlyArray<string>) => {
  const known = new Set(names)
  const key = (length: number, first: number) => (length << 5) | (first & 31)
  const possible = new Uint8Array(1024)
  for (const name of names) possible[key(name.length, name.charCodeAt(0))] = 1
  return (text: string, start: number, end: number): string => {
    if (possible[key(end - start, text.charCodeAt(start))] !== 1) return ""
    const name = text.slice(start, end).toLowerCase()
    return known.has(name) ? name : ""
  }
}
const tagAt = finder(tags)
const attributeAt = finder(attributeNames)

export const scanTags = (html: string, visitor: Visitor): void => {
  let tag = ""
  let attribute = ""
  let value = ""
  let attributes: Attributes = {}
  let title: string | undefined
  let titleIsOver = false
  let inLink = false
  let isHidden = false

  const openTag = () => {
    if (tag === "") return
    if (hidden.has(tag)) {
      isHidden = true
      return
    }
    if (tag === "a") inLink = true
    else if (tag === "title" && !titleIsOver) title ??= ""
    visitor.onTag(tag as Tag, attributes)
  }
  const endTitle = () => {
    if (title === undefined || titleIsOver) return
    titleIsOver = true
    visitor.onTitle(decodeHTML(title))
  }
  // Most pages have few entities, and it looks for the end of a text faster when it need not look for them.
  const tokenizer = new Tokenizer(
    { decodeEntities: false },
    {
      onopentagname(start, end) {
        tag = tagAt(html, start, end)
        if (tag !== "") attributes = {}
      },
      onattribname(start, end) {
        attribute = tag === "" ? "" : attributeAt(html, start, end)
        value = ""
      },
      onattribdata(start, end) {
        if (attribute !== "") value = html.slice(start, end)
      },
      onattribend() {
        if (attribute === "") return
        if (value.includes("&")) value = decodeHTMLAttribute(value)
        // The first of two attributes with one name counts, and a null is replaced, as in browsers.
        if (value.includes("\0")) value = value.replaceAll("\0", "\uFFFD")
        attributes[attribute as keyof Attributes] ??= value
      },
      onopentagend: openTag,
      onselfclosingtag: openTag,
      onclosetag(start, end) {
        const name = tagAt(html, start, end)
        if (name === "a") inLink = false
        else if (name === "title") endTitle()
        else if (hidden.has(name)) isHidden = false
      },
      ontext(start, end) {
        if (isHidden) return
        if (title !== undefined && !titleIsOver) title += html.slice(start, end)
        else visitor.onText(start, end, inLink)
      },
      ontextentity() {},
      onattribentity() {},
      onend: endTitle,
      oncdata() {},
      oncomment() {},
      ondeclaration() {},
      onprocessinginstruction() {}
    }
  )
  tokenizer.write(html)
  tokenizer.end()
}
