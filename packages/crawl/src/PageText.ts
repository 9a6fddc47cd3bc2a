/**
 * What a reader sees of a page, as plain text.
 *
 * @since 0.1.0
 */
import { Tokenizer } from "htmlparser2"

/** Not shown, whatever is in them. */
const hidden = new Set(["noscript", "script", "style", "svg", "template", "title"])

const blocks = new Set(
  (
    "address article aside blockquote body br caption dd details div dl dt fieldset figcaption figure" +
    " footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tr ul"
  ).split(" ")
)

const cells = new Set(["td", "th"])

/**
 * The text of a page without its title: one line for each block that has any, with white space folded.
 *
 * It never fails, and its cost grows with the length of the page only: it keeps no stack of elements.
 *
 * ```ts
 * PageText.of("<title>Shop</title><h1>Tea</h1><p>4.50 &euro; <b>a cup</b><script>x()</script>") // => "Tea\n4.50 € a cup"
 * ```
 *
 * @since 0.1.0
 */
export const of = (html: string): string => {
  const lines: Array<string> = []
  let line = ""
  // The hidden element that the text is in, and how many of its name are open.
  let inside: string | undefined
  let depth = 0
  const nameAt = (start: number, end: number) => html.slice(start, end).toLowerCase()
  const endLine = () => {
    const text = line.replace(/\s+/g, " ").trim()
    if (text !== "") lines.push(text)
    line = ""
  }
  const leave = (name: string) => {
    if (name !== inside) return
    depth -= 1
    if (depth === 0) inside = undefined
  }
  let opened = ""
  const tokenizer = new Tokenizer(
    {},
    {
      onopentagname(start, end) {
        opened = nameAt(start, end)
        if (inside !== undefined) {
          if (opened === inside) depth += 1
        } else if (hidden.has(opened)) {
          inside = opened
          depth = 1
        } else if (blocks.has(opened)) endLine()
        else if (cells.has(opened)) line += " "
      },
      onselfclosingtag() {
        // In HTML the slash means nothing.
        if (opened === "svg") leave(opened)
      },
      onclosetag(start, end) {
        const name = nameAt(start, end)
        if (inside !== undefined) leave(name)
        else if (blocks.has(name)) endLine()
      },
      ontext(start, end) {
        if (inside === undefined) line += html.slice(start, end)
      },
      ontextentity(codePoint) {
        if (inside === undefined) line += String.fromCodePoint(codePoint)
      },
      onend: endLine,
      onopentagend() {},
      onattribname() {},
      onattribdata() {},
      onattribentity() {},
      onattribend() {},
      oncdata() {},
      oncomment() {},
      ondeclaration() {},
      onprocessinginstruction() {}
    }
  )
  tokenizer.write(html)
  tokenizer.end()
  return lines.join("\n")
}
