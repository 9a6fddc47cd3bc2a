/**
 * Finds the tags that matter to a crawl, without a tree and without a stack.
 *
 * A parser keeps a stack of open elements, and pays for its depth at each tag: one page of a million
 * nested elements held a crawl for minutes. Links need no stack.
 */
import { Tokenizer } from "htmlparser2"

export interface Visitor {
  /** An opened tag among `a`, `area`, `base`, `meta` and `title`, with its attributes that matter. */
  onTag(name: string, attributes: Attributes): void
  /** The text of the first `title`. */
  onTitle(text: string): void
}

type Attributes = Partial<Record<"href" | "name" | "content", string>>

const tags = new Set(["a", "area", "base", "meta", "title"])
const attributeNames = new Set(["href", "name", "content"])

export const scanTags = (html: string, visitor: Visitor): void => {
  let tag = ""
  let attribute = ""
  let value = ""
  let attributes: Attributes = {}
  let title: string | undefined
  let titleIsOver = false

  const openTag = () => {
    if (!tags.has(tag)) return
    if (tag === "title" && !titleIsOver) title ??= ""
    visitor.onTag(tag, attributes)
  }
  const endTitle = () => {
    if (title === undefined || titleIsOver) return
    titleIsOver = true
    visitor.onTitle(title)
  }
  const tokenizer = new Tokenizer(
    {},
    {
      onopentagname(start, end) {
        tag = html.slice(start, end).toLowerCase()
        attributes = {}
      },
      onattribname(start, end) {
        attribute = html.slice(start, end).toLowerCase()
        value = ""
      },
      onattribdata(start, end) {
        value += html.slice(start, end)
      },
      onattribentity(codePoint) {
        value += String.fromCodePoint(codePoint)
      },
      onattribend() {
        // The first of two attributes with one name counts, as in browsers.
        if (attributeNames.has(attribute)) attributes = { [attribute]: value, ...attributes }
      },
      onopentagend: openTag,
      onselfclosingtag: openTag,
      onclosetag(start, end) {
        if (html.slice(start, end).toLowerCase() === "title") endTitle()
      },
      ontext(start, end) {
        if (title !== undefined && !titleIsOver) title += html.slice(start, end)
      },
      ontextentity(codePoint) {
        if (title !== undefined && !titleIsOver) title += String.fromCodePoint(codePoint)
      },
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
