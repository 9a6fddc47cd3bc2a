/**
 * Decodes the bytes of an HTML page into text, whatever charset its author used.
 *
 * The charset comes from the byte order mark, else from the Content-Type header, else from a `<meta>`
 * element in the first 1,024 bytes, as in the HTML standard
 * (https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding), else it is
 * guessed. A declaration that the bytes contradict is a lie, and the next source is asked.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import { analyse } from "chardet"
import { getEncoding } from "encoding-sniffer"
import { isUtf8 } from "node:buffer"

/**
 * What named the charset of a page.
 *
 * @since 0.1.0
 */
export type Source = "mark" | "header" | "meta" | "guess"

/**
 * A page as text.
 *
 * @since 0.1.0
 */
export interface Decoded {
  readonly text: string
  /** The name that the Encoding standard has for it, such as `windows-1251`. */
  readonly charset: string
  readonly source: Source
  /** How many U+FFFD there are: each stands for bytes that were not valid. */
  readonly replacements: number
}

/**
 * Decodes a page; bytes that are not valid in its charset become U+FFFD, and it never fails.
 *
 * ```ts
 * const latin1 = Uint8Array.of(0x63, 0x61, 0x66, 0xe9)
 * Charset.decode(latin1, "text/html; charset=iso-8859-1") // => "café"
 * ```
 *
 * @since 0.1.0
 */
export const decode = (body: Uint8Array, contentType: string | undefined): string =>
  decodeFully(body, contentType).text

/**
 * Decodes a page, and tells which charset that was, by whose word, and how well it fitted.
 *
 * ```ts
 * const { charset, source } = Charset.decodeFully(new TextEncoder().encode("naïve"), "text/html")
 * const found = [charset, source]
 * found // => ["utf-8", "guess"]
 * ```
 *
 * @since 0.1.0
 */
export const decodeFully = (body: Uint8Array, contentType: string | undefined): Decoded => {
  const marked = markOf(body)
  if (marked !== undefined) return decodeAs(body, marked, "mark")
  const isValidUtf8 = isUtf8(body)
  const header = canonical(contentType === undefined ? undefined : labelIn(contentType))
  // Most pages are what their header says, and need not be looked through for more.
  if (header === "utf-8" && isValidUtf8) return decodeAs(body, header, "header")
  const meta = canonical(metaLabelIn(body))
  for (const [charset, source] of [
    [header, "header"],
    [meta, "meta"]
  ] as const) {
    if (charset === undefined) continue
    if (charset === "utf-8") {
      if (isValidUtf8) return decodeAs(body, charset, source)
      const decoded = decodeAs(body, charset, source)
      if (!isNonsense(body, decoded)) return decoded
    } else if (!(isValidUtf8 && hasMultibyte(body) && isDefaultOfServers(charset, meta))) {
      return decodeAs(body, charset, source)
    }
  }
  return decodeAs(body, isValidUtf8 ? "utf-8" : guess(body), "guess")
}

const decodeAs = (body: Uint8Array, charset: string, source: Source): Decoded => {
  const text = decoderOf(charset)!.decode(body)
  let replacements = 0
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", at + 1)) replacements++
  return { text, charset, source, replacements }
}

const markOf = (body: Uint8Array): string | undefined => {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return "utf-8"
  if (body[0] === 0xfe && body[1] === 0xff) return "utf-16be"
  return body[0] === 0xff && body[1] === 0xfe ? "utf-16le" : undefined
}

const labelIn = (contentType: string): string | undefined =>
  /charset\s*=\s*["']?\s*([^\s"';]+)/i.exec(contentType)?.[1]

/** No page says this of itself, so that it stands for "nothing found". */
const undeclared = "x-user-defined"

const metaLabelIn = (body: Uint8Array): string | undefined => {
  const label = getEncoding(body, { defaultEncoding: undeclared })
  return label === undeclared ? undefined : label
}

const canonical = (label: string | undefined): string | undefined =>
  label === undefined ? undefined : decoderOf(label)?.encoding

type Decoder = InstanceType<typeof TextDecoder>

/** A decoder has no state between two bodies, and making one takes longer than most decoding. */
const decoders = new Map<string, Decoder | undefined>()
/** Labels are what servers say: there are about 200 that mean something. */
const decodersMax = 500

// The standard knows labels (`replacement`, `x-user-defined`) for which there is no decoder.
const decoderOf = (label: string): Decoder | undefined => {
  const known = decoders.get(label)
  if (known !== undefined || decoders.has(label)) return known
  const decoder = Result.getOrUndefined(Result.try(() => new TextDecoder(label)))
  if (decoders.size < decodersMax) decoders.set(label, decoder)
  return decoder
}

/**
 * Whether a text was never UTF-8: a page with one broken character still is, and one that was cut in
 * the middle of a character too.
 */
const isNonsense = (body: Uint8Array, { replacements }: Decoded): boolean => {
  const foreign = body.reduce((count, byte) => count + (byte >>> 7), 0)
  return replacements * 4 > foreign
}

const hasMultibyte = (body: Uint8Array): boolean => body.some(isForeign)

/**
 * Servers add this charset to all pages when nobody has configured another. Text that is valid UTF-8
 * by chance does not exist in it, unless the page itself says so too.
 */
const isDefaultOfServers = (charset: string, meta: string | undefined): boolean =>
  charset === "windows-1252" && meta !== "windows-1252"

/** Enough for the statistics, which would take long for a large page. */
const guessedBytes = 16 * 1024

/**
 * Charsets of several bytes have a form that other text does not keep to. Of the others, only whole
 * alphabets can be told from each other; text with a few foreign letters gets the standard's fallback.
 */
const guess = (body: Uint8Array): string => {
  const from = Math.max(0, body.findIndex(isForeign) - 256)
  const sample = body.subarray(from, from + guessedBytes)
  const wide = analyse(sample).find(
    ({ confidence, name }) => confidence >= wideConfidenceMin && wideCharsets.has(name)
  )
  if (wide !== undefined) return canonical(wide.name) ?? fallback
  const letters = sample.filter((byte) => isForeign(byte) || isLatinLetter(byte))
  if (letters.filter(isForeign).length * 2 < letters.length) return fallback
  // The statistics are about letters next to each other: markup is none of the language.
  const foreign = sample.map((byte) => (isLatinLetter(byte) ? 0x20 : byte))
  const alphabet = analyse(foreign).find(({ name }) => alphabetCharsets.has(name))
  return canonical(alphabet?.name) ?? fallback
}

const fallback = "windows-1252"

const isForeign = (byte: number): boolean => byte > 127
const isLatinLetter = (byte: number): boolean => (byte | 32) >= 0x61 && (byte | 32) <= 0x7a

/** Below this the form is that of any bytes. */
const wideConfidenceMin = 50
const wideCharsets = new Set(["Shift_JIS", "GB18030", "EUC-KR", "EUC-JP", "Big5"])

/** ISO-8859-6 and -8 are not among them: pages in these languages never used them. */
const alphabetCharsets = new Set([
  "windows-1251",
  "KOI8-R",
  "ISO-8859-5",
  "windows-1253",
  "ISO-8859-7",
  "windows-1255",
  "windows-1256"
])
