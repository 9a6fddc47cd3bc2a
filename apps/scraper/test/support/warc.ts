/** Reads a WARC file by the letter of ISO 28500 and RFC 1952, and with none of the code that writes it. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { inflateRawSync } from "node:zlib"

export interface WarcRecord {
  readonly fields: Readonly<Record<string, string>>
  readonly block: Buffer
  /** What stands behind the head of the HTTP message. */
  readonly payload: Buffer
  /** The lines of that head. */
  readonly head: ReadonlyArray<string>
}

/** All records; throws when a byte is out of place, or a digest wrong. */
export const readWarc = (path: string): ReadonlyArray<WarcRecord> => {
  const file = readFileSync(path)
  const records: Array<WarcRecord> = []
  for (let at = 0; at < file.length;) {
    const { bytes, end } = memberAt(file, at)
    records.push(recordOf(bytes))
    at = end
  }
  return records
}

/** The gzip member at a position, which must have a plain header of ten bytes. */
const memberAt = (file: Buffer, at: number) => {
  expect(file.readUInt16BE(at) === 0x1f8b && file[at + 2] === 8 && file[at + 3] === 0, "a member")
  const { buffer, engine } = inflateRawSync(file.subarray(at + 10), { info: true }) as unknown as {
    readonly buffer: Buffer
    readonly engine: { readonly bytesWritten: number }
  }
  const end = at + 10 + engine.bytesWritten + 8
  expect(file.readUInt32LE(end - 4) === buffer.length, "the length of a member")
  return { bytes: buffer, end }
}

const recordOf = (bytes: Buffer): WarcRecord => {
  const [head, rest] = split(bytes)
  const [version, ...lines] = head.toString().split("\r\n")
  expect(version === "WARC/1.1", "the version")
  const fields = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)))
  const length = Number(fields["Content-Length"])
  const block = rest.subarray(0, length)
  expect(block.length === length, "a whole block")
  expect(rest.subarray(length).toString() === "\r\n\r\n", "the end of a record")
  expect(/^<urn:uuid:[0-9a-f-]{36}>$/.test(fields["WARC-Record-ID"]), "an id")
  expect(!Number.isNaN(Date.parse(fields["WARC-Date"])), "a date")
  if (fields["WARC-Type"] !== "response") return { fields, block, payload: block, head: [] }
  expect(fields["Content-Type"].startsWith("application/http"), "the type of a response")
  const [http, payload] = split(block)
  expect(fields["WARC-Payload-Digest"] === `sha1:${base32(sha1(payload))}`, "a digest")
  expect(fields["WARC-Block-Digest"] === `sha1:${base32(sha1(block))}`, "a digest")
  return { fields, block, payload, head: http.toString("latin1").split("\r\n") }
}

/** A head and what follows its empty line. */
const split = (bytes: Buffer): readonly [Buffer, Buffer] => {
  const end = bytes.indexOf("\r\n\r\n")
  expect(end > 0, "a head")
  return [bytes.subarray(0, end), bytes.subarray(end + 4)]
}

const sha1 = (bytes: Buffer) => createHash("sha1").update(bytes).digest()

/** RFC 4648, for whole groups of five bytes. */
const base32 = (bytes: Buffer) =>
  bytes
    .toString("hex")
    .match(/.{10}/g)!
    .map((group) => BigInt(`0x${group}`).toString(32).padStart(8, "0"))
    .join("")
    .replace(/./g, (digit) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(digit, 32)]!)

const expect = (holds: boolean, what: string) => {
  if (!holds) throw new Error(`${what} is missing or wrong`)
}
