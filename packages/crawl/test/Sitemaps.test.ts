import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { gzipSync } from "node:zlib"
import * as Sitemaps from "../src/Sitemaps.ts"

const url = new URL("http://site.example/maps/sitemap.xml")
const bytes = (text: string) => new TextEncoder().encode(text)
const parse = (body: string | Uint8Array) =>
  Sitemaps.parse(typeof body === "string" ? bytes(body) : body, url)
const read = (body: string | Uint8Array) => Result.getOrThrow(parse(body))
const links = (body: string | Uint8Array) => read(body).entries.map(({ url }) => url.href)
const reasonOf = (body: string | Uint8Array) => Result.getOrThrow(Result.flip(parse(body))).reason

const ns = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`
const two = `<?xml version="1.0" encoding="UTF-8"?>
<urlset ${ns}>
  <url><loc> http://site.example/a </loc><lastmod>2024-05-17</lastmod><priority>0.5</priority></url>
  <url><loc>http://site.example/b</loc></url>
</urlset>`
const both = ["http://site.example/a", "http://site.example/b"]

describe("Sitemaps", () => {
  it("SMP1: the pages of a sitemap, with the time of their last change", () => {
    assert.deepStrictEqual(read(two), {
      kind: "urls",
      entries: [
        { url: new URL(both[0]!), lastModified: new Date("2024-05-17") },
        { url: new URL(both[1]!), lastModified: undefined }
      ],
      refused: 0,
      truncated: false
    })
  })

  it.each([
    [
      "index",
      `<sitemapindex ${ns}><sitemap><loc>a.xml</loc></sitemap><sitemap><loc>http://site.example/b.xml.gz</loc>
      <lastmod>2024-05-17T10:00:00+02:00</lastmod></sitemap></sitemapindex>`,
      ["http://site.example/maps/a.xml", "http://site.example/b.xml.gz"]
    ],
    [
      "rss",
      `<rss version="2.0"><channel><title>x</title><link>http://site.example/</link><item>
      <title>A</title><link>http://site.example/a</link><pubDate>Fri, 17 May 2024 08:00:00 GMT</pubDate>
      </item><item><link>http://site.example/b</link><image><link>http://site.example/no</link></image>
      </item></channel></rss>`,
      both
    ],
    [
      "rss",
      `<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel><link>http://site.example/</link></channel>
      <item><link>http://site.example/a</link><dc:date>2024-05-17T08:00:00Z</dc:date></item></rdf:RDF>`,
      [both[0]]
    ],
    [
      "atom",
      `<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="http://site.example/feed"/>
      <entry><link rel="edit" href="/edit/1"/><link rel="alternate" href="/a"/><updated>2024-05-17T08:00:00Z
      </updated></entry><entry><link href="/b"></link></entry></feed>`,
      both
    ],
    ["text", "http://site.example/a\r\n\r\n  http://site.example/b  \nhttp://", both],
    ["text", "\uFEFFhttp://site.example/a", [both[0]]]
  ] as const)("SMP2: %s is understood: %s", (kind, body, expected) => {
    const sitemap = read(body)
    assert.strictEqual(sitemap.kind, kind)
    assert.deepStrictEqual(
      sitemap.entries.map(({ url }) => url.href),
      [...expected]
    )
    if (kind === "text") return
    const dates = sitemap.entries.map(({ lastModified }) => lastModified?.toISOString())
    assert.include(dates, "2024-05-17T08:00:00.000Z")
  })

  it("SMP3: gzip is known by its first bytes, also in gzip and when it is cut off", () => {
    assert.deepStrictEqual(links(gzipSync(two)), both)
    assert.deepStrictEqual(links(gzipSync(gzipSync(two))), both)
    const many = Array.from({ length: 1000 }, (_, n) => `<url><loc>/${n * 7919}</loc></url>`)
    const packed = gzipSync(`<urlset>${many.join("")}</urlset>`)
    const some = links(packed.subarray(0, packed.length / 2))
    assert.isAbove(some.length, 100)
    assert.isBelow(some.length, 1000)
  })

  it("SMP3: damaged gzip, and what is larger than 50 MiB unpacked, is refused", () => {
    assert.strictEqual(reasonOf(Uint8Array.of(0x1f, 0x8b, 1, 2, 3)), "damaged gzip")
    const bomb = gzipSync(new Uint8Array(50 * 1024 * 1024 + 1))
    assert.isBelow(bomb.length, 60_000)
    assert.strictEqual(reasonOf(bomb), "larger than 52,428,800 bytes")
  })

  it("SMP4: 50,000 entries are read, and it says that there are more", () => {
    const list = (count: number) => Array.from({ length: count }, (_, n) => `http://s.example/${n}`)
    const xml = (count: number) =>
      `<urlset>${list(count)
        .map((link) => `<url><loc>${link}</loc></url>`)
        .join("")}</urlset>`
    for (const form of [xml, (count: number) => list(count).join("\n")]) {
      const [full, over] = [read(form(50_000)), read(form(50_001))]
      assert.deepStrictEqual([full.entries.length, full.truncated], [50_000, false])
      assert.deepStrictEqual([over.entries.length, over.truncated], [50_000, true])
      assert.strictEqual(over.entries.at(-1)?.url.href, "http://s.example/49999")
    }
  })

  it.each([
    [
      "a bare &",
      "<urlset><url><loc>http://s.example/?a=1&b=2&copy=3</loc></url></urlset>",
      "?a=1&b=2&copy=3"
    ],
    [
      "entities",
      "<urlset><url><loc>http://s.example/?a=1&amp;b=&#x41;</loc></url></urlset>",
      "?a=1&b=A"
    ],
    ["CDATA", "<urlset><url><loc><![CDATA[http://s.example/?a&b]]></loc></url></urlset>", "?a&b"],
    [
      "prefixes",
      `<x:urlset><x:url><image:image><image:loc>/no</image:loc></image:image><loc>/no</loc>
      <x:loc>http://s.example/x</x:loc></x:url></x:urlset>`,
      "x"
    ],
    [
      "nested names",
      "<urlset><url><video><loc>/no</loc></video><loc>http://s.example/x</loc></url></urlset>",
      "x"
    ],
    ["no end", "<urlset><url><loc>http://s.example/x</loc>", "x"],
    ["items that do not end", "<urlset><url><loc>http://s.example/x</loc><url></urlset>", "x"],
    [
      "comments",
      "<!-- <urlset> --><urlset><!-- <url><loc>/no</loc></url> --><url><loc>http://s.example/x</loc>",
      "x"
    ]
  ])("SMP5: %s does no harm", (_, xml, expected) => {
    assert.deepStrictEqual(links(xml), [`http://s.example/${expected}`])
  })

  it("SMP6: entities of a document type are not expanded, and files are not read", () => {
    const lol = Array.from(
      { length: 20 },
      (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`
    ).join("")
    const xml = `<!DOCTYPE urlset [<!ENTITY l0 "http://s.example/x"><!ENTITY f SYSTEM "file:///etc/passwd">${lol}]>
      <urlset><url><loc>&l20;</loc></url><url><loc>&f;</loc></url><url><loc>http://s.example/y</loc></url>`
    const found = links(xml)
    assert.strictEqual(found.at(-1), "http://s.example/y")
    assert.isTrue(found.every((link) => link.length < 100 && !link.includes("root:")))
  })

  it("SMP7: entries that are no web pages are left out and counted", () => {
    const { entries, refused } =
      read(`<urlset><url><loc>javascript:x</loc></url><url><loc>http://[</loc></url>
      <url><loc></loc></url><url><loc>http://s.example/x</loc><lastmod>soon</lastmod></url></urlset>`)
    assert.deepStrictEqual(entries, [
      { url: new URL("http://s.example/x"), lastModified: undefined }
    ])
    assert.strictEqual(refused, 2)
  })

  it.each([
    ["<!doctype html><html><body>Not found", "its root is <html>"],
    ["<!-- nothing -->", "it has no elements"],
    ["Not found", "it has no XML and no URLs"],
    ["", "it has no XML and no URLs"]
  ])("SMP8: %j is no sitemap", (body, reason) => {
    assert.strictEqual(reasonOf(body), reason)
  })

  it.each([
    ["http://site.example/sitemap.xml", "http://site.example/a", true],
    ["http://site.example/sitemap.xml", "https://site.example/a", true],
    ["http://www.site.example/s.xml", "http://site.example/a", true],
    ["http://site.example/s.xml", "http://www.site.example/a", true],
    ["http://site.example/s.xml", "http://site.example:8080/a", false],
    ["http://site.example/s.xml", "http://other.example/a", false],
    ["http://site.example/s.xml", "http://evil-site.example/a", false],
    ["http://cdn.example/s.xml", "http://named.example:81/a", true],
    ["http://cdn.example/s.xml", "http://named.example/a", false]
  ])("SMP9: %s may speak for %s: %s", (sitemap, page, expected) => {
    const namedBy = ["named.example:81"]
    assert.strictEqual(Sitemaps.speaksFor(new URL(sitemap), new URL(page), namedBy), expected)
  })

  it("SMP5: what is nested without end costs no more than its length", () => {
    const deep = `<urlset>${"<a>".repeat(300_000)}<url><loc>http://s.example/x</loc></url>`
    assert.deepStrictEqual(links(deep), ["http://s.example/x"])
  })
})
