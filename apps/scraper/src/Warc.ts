/** Answers as records of a WARC 1.1 file (ISO 28500:2017), each a gzip member of its own. */
import type * as Fetcher from "@fibra/http/Fetcher"
import { isUtf8 } from "node:buffer"
import { STATUS_CODES } from "node:http"
import { WARCRecord, WARCSerializer } from "warcio"

const warcVersion = "WARC/1.1"

/** What a file begins with: who has made it, and how. */
export const info = (date: Date, facts: Readonly<Record<string, string>>): Promise<Uint8Array> =>
  serialize(
    WARCRecord.createWARCInfo(
      { warcVersion, date: date.toISOString() },
      { ...facts, format: "WARC File Format 1.1" }
    )
  )

/** An answer as it was sent; there is no record of the request, which may hold secrets. */
export const response = (date: Date, { sent, status, url }: Fetcher.Fetched) => {
  const { body, headers, statusText } = sent!
  const reason = statusText || (STATUS_CODES[status] ?? "")
  return serialize(
    WARCRecord.create(
      {
        warcVersion,
        date: date.toISOString(),
        type: "response",
        url,
        statusline: `HTTP/1.1 ${status} ${reason}`.trimEnd(),
        httpHeaders: headers.map(([name, value]): [string, string] => [
          headerName(name),
          headerValue(value)
        ])
      },
      once(body)
    )
  )
}

/** The body is kept without its transfer coding: a reader must not look for that. */
const headerName = (name: string) =>
  name.toLowerCase() === "transfer-encoding" ? `X-Crawler-${name}` : name

/** Text that is written as UTF-8 becomes the bytes that were sent, if these were UTF-8 or ASCII. */
const headerValue = (value: string): string => {
  const bytes = Buffer.from(value, "latin1")
  return isUtf8(bytes) ? bytes.toString() : value
}

const serialize = (record: WARCRecord): Promise<Uint8Array> =>
  WARCSerializer.serialize(record, {
    gzip: true,
    digest: { algo: "sha-1", prefix: "sha1:", base32: true }
  })

async function* once(bytes: Uint8Array) {
  yield bytes
}
