/**
 * Tells what a body is from its first bytes, as servers often do not know.
 *
 * A small part of the MIME Sniffing standard (https://mimesniff.spec.whatwg.org): what a crawler needs
 * to decide whether there is a page to read.
 *
 * @since 0.1.0
 */

/**
 * What a body is: a page, XML (a feed, a sitemap), JSON, other text, or nothing that a crawler reads.
 *
 * @since 0.1.0
 */
export type Kind = "html" | "xml" | "json" | "text" | "binary"

/** The standard looks at 1,445 bytes; what decides is in the first 512. */
const sniffedBytes = 512

/**
 * Tells the kind of a body, by its Content-Type if that can be believed, else by its first 512 bytes.
 *
 * A type that names a picture, a font, a film or an archive is believed. Types that servers give to
 * everything they do not know (none, `text/plain`, `application/octet-stream`) are not, and neither is
 * one of text for bytes that only binary data has.
 *
 * ```ts
 * const page = new TextEncoder().encode("<!doctype html><title>Shop</title>")
 * Sniff.kindOf(page, "application/octet-stream") // => "html"
 * Sniff.kindOf(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1), "text/html") // => "binary"
 * ```
 *
 * @since 0.1.0
 */
export const kindOf = (body: Uint8Array, contentType: string | undefined): Kind => {
  const essence = contentType?.split(";")[0]!.trim().toLowerCase() ?? ""
  const declared = declaredKind(essence)
  if (declared === "binary") return "binary"
  const head = body.subarray(0, sniffedBytes)
  const isWide = (head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0xff && head[1] === 0xfe)
  if (!isWide && hasBinaryByte(head) && !/charset=utf-?(16|32)/i.test(contentType ?? "")) {
    return "binary"
  }
  if (declared !== undefined) return declared
  const text = new TextDecoder(isWide ? (head[0] === 0xfe ? "utf-16be" : "utf-16le") : "utf-8")
    .decode(head)
    .trimStart()
  if (/^<\?xml|^<(rss|feed|urlset|sitemapindex)[\s>]/i.test(text)) {
    return /<!doctype html|<html/i.test(text) ? "html" : "xml"
  }
  if (htmlStart.test(text)) return "html"
  return /^[{[]/.test(text) && essence === "" ? "json" : "text"
}

/** What the type says, or `undefined` for those that say nothing. */
const declaredKind = (essence: string): Kind | undefined => {
  if (unspecific.has(essence)) return undefined
  if (essence === "text/html" || essence === "application/xhtml+xml") return "html"
  if (/^(text|application)\/xml$|\+xml$/.test(essence))
    return essence.startsWith("image/") ? "binary" : "xml"
  if (/^(text|application)\/json$|\+json$|^application\/(x-)?ndjson$/.test(essence)) return "json"
  return essence.startsWith("text/") || /^application\/(java|ecma)script$/.test(essence)
    ? "text"
    : "binary"
}

const unspecific = new Set([
  "",
  "*/*",
  "unknown/unknown",
  "application/unknown",
  "application/octet-stream",
  "text/plain"
])

// Section 7.1 of the standard, and a comment; each is followed by a space or the end of the tag.
const htmlStart =
  /^(<!--|<(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>/])/i

/** 1 for each byte that text has in none of the charsets of the web, the wide ones aside. */
const isBinaryByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1f && byte !== 0x1b) ? 1 : 0
)

// It looks at each page of a crawl: a callback for each byte takes ten times as long.
const hasBinaryByte = (head: Uint8Array): boolean => {
  for (let at = 0; at < head.length; at++) if (isBinaryByte[head[at]!] === 1) return true
  return false
}
