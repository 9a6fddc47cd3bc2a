/** Reads the records of a robots.txt, as tolerantly as the big search engines do. */

export interface RobotsRecord {
  readonly name: "user-agent" | "allow" | "disallow" | "sitemap" | "crawl-delay" | "other"
  readonly value: string
  /** The line as written, without its comment. */
  readonly text: string
  /** From 1. */
  readonly line: number
}

/** Parsing stops here; RFC 9309 asks for at least 500 KiB. */
const bytesMax = 500 * 1024

/** Eight times the longest URL: what is longer is cut, as Google's parser does. */
const lineLengthMax = 8 * 2083 - 1

/** The text without a byte order mark or the first bytes of one. */
export const decodeBody = (body: Uint8Array): string => {
  const mark = [0xef, 0xbb, 0xbf]
  let start = 0
  while (start < mark.length && body[start] === mark[start]) start += 1
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(body.subarray(start))
}

export const records = function* (body: string): Generator<RobotsRecord> {
  let line = 0
  for (const whole of withinBound(body).split(/\r\n|\r|\n/)) {
    line += 1
    const record = readLine(whole.slice(0, lineLengthMax))
    if (record !== undefined) yield { ...record, line }
  }
}

/** Without a mark, and without the line that the bound would cut: half a rule is another rule. */
const withinBound = (body: string): string => {
  const start = body.startsWith("\uFEFF") ? 1 : 0
  if (body.length < bytesMax) return body.slice(start)
  const text = body.slice(start, bytesMax)
  return text.slice(0, Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1)
}

const readLine = (line: string): Omit<RobotsRecord, "line"> | undefined => {
  // Past the start of the file a byte order mark is a part of the name, which makes nonsense of it.
  if (line.startsWith("\uFEFF")) return undefined
  const text = line.split("#", 1)[0]!.trim()
  const colon = text.indexOf(":")
  if (colon !== -1) {
    return { name: nameOf(text.slice(0, colon)), value: text.slice(colon + 1).trim(), text }
  }
  // The colon is often forgotten, and then there is no doubt what two words mean.
  const words = text.split(/[ \t]+/)
  return words.length === 2 ? { name: nameOf(words[0]!), value: words[1]!, text } : undefined
}

const nameOf = (written: string): RobotsRecord["name"] =>
  names[written.trim().toLowerCase()] ?? "other"

// With the spellings that sites really have; who misspells "disallow" does not mean to allow.
const names: { readonly [written: string]: RobotsRecord["name"] | undefined } = {
  "user-agent": "user-agent",
  useragent: "user-agent",
  "user agent": "user-agent",
  allow: "allow",
  disallow: "disallow",
  dissallow: "disallow",
  dissalow: "disallow",
  disalow: "disallow",
  diasllow: "disallow",
  disallaw: "disallow",
  sitemap: "sitemap",
  "site-map": "sitemap",
  "crawl-delay": "crawl-delay",
  crawldelay: "crawl-delay"
}
Object.setPrototypeOf(names, null)
