/**
 * Finds the entries of a sitemap or feed in XML, as far as it can be read.
 *
 * It reads tokens and builds no tree. Declarations are passed over, so there are no entities but
 * those of XML itself, and a bare `&` is the character that its author meant.
 */
import { Tokenizer } from "htmlparser2"

export interface RawEntry {
  readonly link: string
  /** The text of `lastmod`, `pubDate` or `updated`. */
  readonly date: string
}

export interface Scan {
  /** The name of the first element, without its prefix; empty when there is none. */
  readonly root: string
  readonly entries: ReadonlyArray<RawEntry>
  readonly truncated: boolean
}

const itemNames: { readonly [root: string]: string | undefined } = {
  urlset: "url",
  sitemapindex: "sitemap",
  rss: "item",
  RDF: "item",
  feed: "entry"
}
const linkNames = new Set(["loc", "link"])
const dateNames = new Set(["lastmod", "pubDate", "updated", "date"])

/** How much is read between two looks at the bound. */
const chunkLength = 65_536

export const scanSitemap = (xml: string, entriesMax: number): Scan => {
  const entries: Array<RawEntry> = []
  let root = ""
  let prefix = ""
  let itemName: string | undefined
  let depth = 0
  // The depth of the open item, or 0; only what is directly in it counts.
  let itemDepth = 0
  let [link, date, href, rel] = ["", "", "", ""]
  let [name, attribute, text] = ["", "", ""]

  const endItem = () => {
    if (itemDepth === 0) return
    if (link.trim() !== "") entries.push({ link: link.trim(), date: date.trim() })
    itemDepth = 0
  }
  const isItem = (tag: string) => itemName !== undefined && tag === prefix + itemName
  const openTag = () => {
    text = ""
    if (root === "") {
      const colon = name.indexOf(":")
      root = name.slice(colon + 1)
      // An RDF feed has a prefix for its root and none for its items.
      prefix = root === "RDF" ? "" : name.slice(0, colon + 1)
      itemName = itemNames[root]
    } else if (isItem(name)) {
      endItem()
      itemDepth = depth
      link = date = ""
    }
  }
  const field = (tag: string, set: ReadonlySet<string>) =>
    tag.startsWith(prefix) && set.has(tag.slice(prefix.length))
  const closeTag = (tag: string, at: number) => {
    if (itemDepth === 0) return
    if (isItem(tag)) return endItem()
    if (at !== itemDepth + 1) return
    // Atom has the link in an attribute, and other links beside it.
    const isPage = href !== "" && (rel === "" || rel === "alternate")
    if (field(tag, linkNames) && link === "") link = root === "feed" ? (isPage ? href : "") : text
    else if (field(tag, dateNames) || (root === "RDF" && tag === "dc:date")) date ||= text
  }
  const addText = (start: number, end: number) => {
    if (itemDepth !== 0) text += xml.slice(start, end)
  }

  const tokenizer = new Tokenizer(
    { xmlMode: true },
    {
      onopentagname(start, end) {
        name = xml.slice(start, end)
        href = rel = ""
        depth += 1
      },
      onattribname(start, end) {
        attribute = xml.slice(start, end)
      },
      onattribdata(start, end) {
        if (attribute === "href") href += xml.slice(start, end)
        else if (attribute === "rel") rel += xml.slice(start, end)
      },
      onattribentity(codePoint) {
        if (attribute === "href") href += String.fromCodePoint(codePoint)
      },
      onattribend() {},
      onopentagend: openTag,
      onselfclosingtag() {
        openTag()
        closeTag(name, depth)
        depth -= 1
      },
      onclosetag(start, end) {
        closeTag(xml.slice(start, end), depth)
        depth -= 1
      },
      ontext: addText,
      ontextentity(codePoint) {
        if (itemDepth !== 0) text += String.fromCodePoint(codePoint)
      },
      oncdata(start, end, offset) {
        addText(start, end - offset)
      },
      onend: endItem,
      oncomment() {},
      ondeclaration() {},
      onprocessinginstruction() {}
    }
  )
  for (let at = 0; at < xml.length && entries.length <= entriesMax; at += chunkLength) {
    tokenizer.write(xml.slice(at, at + chunkLength))
  }
  tokenizer.end()
  const truncated = entries.length > entriesMax
  return { root, entries: truncated ? entries.slice(0, entriesMax) : entries, truncated }
}
