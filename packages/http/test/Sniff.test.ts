import { assert, describe, it } from "@effect/vitest"
import { kindOf } from "../src/Sniff.ts"

const text = (content: string) => Buffer.from(content)

describe("Sniff", () => {
  it.each([
    ["image/png", "<html>", "binary"],
    ["image/svg+xml", "<svg>", "binary"],
    ["application/pdf", "%PDF-1.7", "binary"],
    ["text/html; charset=utf-8", "Hello", "html"],
    ["TEXT/HTML", "Hello", "html"],
    ["application/rss+xml", "<rss>", "xml"],
    ["application/ld+json", "{}", "json"],
    ["text/css", "body {}", "text"]
  ] as const)("SNF1: %s is believed", (contentType, body, kind) => {
    assert.strictEqual(kindOf(text(body), contentType), kind)
  })

  it.each([
    ["<!DOCTYPE HTML><title>x</title>", "html"],
    ["\uFEFF \n\t<html lang=de>", "html"],
    ["<!-- a page --><p>x", "html"],
    ["<p>x", "html"],
    ["<pre>x", "text"],
    ["<?xml version='1.0'?><urlset>", "xml"],
    ["<?xml version='1.0'?><!DOCTYPE html><html>", "html"],
    ["<rss version='2.0'>", "xml"],
    ["User-agent: *", "text"],
    ["", "text"]
  ] as const)("SNF2: %j is told by its beginning", (body, kind) => {
    for (const contentType of [undefined, "text/plain", "application/octet-stream; q=1"]) {
      assert.strictEqual(kindOf(text(body), contentType), kind)
    }
  })

  it("SNF2: JSON is guessed only without a type", () => {
    assert.strictEqual(kindOf(text('[{"a": 1}]'), undefined), "json")
    assert.strictEqual(kindOf(text('[{"a": 1}]'), "text/plain"), "text")
  })

  it.each([undefined, "text/html", "text/plain", "application/json"])(
    "SNF3: bytes that no text has are binary, even as %s",
    (contentType) => {
      assert.strictEqual(
        kindOf(Buffer.from("\x89PNG\r\n\x1a\n\0\0", "latin1"), contentType),
        "binary"
      )
    }
  )

  it.each([
    ["utf16le", "text/html"],
    ["utf16le", undefined]
  ] as const)("SNF3: a wide charset is text: %s, %s", (encoding, contentType) => {
    assert.strictEqual(kindOf(Buffer.from("\uFEFF<html>é", encoding), contentType), "html")
  })

  it("SNF3: a wide charset by its header is text", () => {
    assert.strictEqual(
      kindOf(Buffer.from("<html>", "utf16le"), "text/html; charset=UTF-16LE"),
      "html"
    )
  })

  it("SNF3: the binary bytes are those of section 7.1 of the standard, and no others", () => {
    const binary = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => kindOf(Buffer.from([0x61, byte]), "text/html") === "binary"
    )
    const range = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index)
    const expected = [...range(0x00, 0x08), 0x0b, ...range(0x0e, 0x1a), ...range(0x1c, 0x1f)]
    assert.deepStrictEqual(binary, expected)
  })
})
