import { assert, describe, it } from "@effect/vitest"
import { Charset } from "@fibra/http"
import { Result, Schema } from "effect"
import * as Extract from "../src/Extract.ts"

const selectors = (...texts: ReadonlyArray<string>) =>
  texts.map((text) => Result.getOrThrow(Extract.selector(text)))

describe("Extract", () => {
  it("EXT1: title, first base, and the links of a and area, in order", () => {
    const html = `<!doctype html><head><title> Caf&eacute;
      &amp; more </title><base target=_top><base href="/one/"><base href="/two/"></head>
      <a href="a.html">a</a><a name=here>no</a><map><area href='b.html'></map>
      <svg><title>not this</title></svg><link href="style.css"><A HREF=c.html>c</A>`
    const { base, links, title } = Extract.outline(html)
    assert.deepStrictEqual([title, base], ["Café & more", "/one/"])
    assert.deepStrictEqual(links, ["a.html", "b.html", "c.html"])
  })

  it("EXT2: broken HTML gives what can be read", () => {
    const html = `<title>open<a href="in-title">x</title><p><a href=one><a href="two"
      <div><a href='three'>three</a></span></a><!-- <a href="hidden"> --><script>"<a href='no'>"</script>
      <a href="unclosed`
    const { links, title } = Extract.outline(html)
    assert.strictEqual(title, 'open<a href="in-title">x')
    assert.deepStrictEqual(links, ["one", "two", "three"])
  })

  it("EXT2: a page without anything has no title and no links", () => {
    for (const html of ["", "just text \0 <<< >"]) {
      const { base, links, nofollow, title } = Extract.outline(html)
      assert.deepStrictEqual([base, links, nofollow, title], [undefined, [], false, null])
    }
  })

  it("EXT7: a page that is nested without end costs no more than its length", () => {
    const deep = `<title>Deep</title><h1>Top</h1>${"<div>".repeat(1_000_000)}<a href="/bottom">`
    // With a cost that grows with the depth this would not end.
    assert.deepStrictEqual(Extract.outline(deep).links, ["/bottom"])
    assert.deepStrictEqual(Extract.fields(deep, selectors("h=h1")), { h: "Top" })
  })

  it("EXT1: the first of two equal attributes counts, in any case of letters", () => {
    const html = `<A HREF="one" href="two"><base HREF=/b/ /><a name=robots content=none href=x />`
    const { base, links, nofollow } = Extract.outline(html)
    assert.deepStrictEqual([base, links, nofollow], ["/b/", ["one", "x"], false])
  })

  it.each([
    ["nofollow", true],
    ["noindex, NOFOLLOW", true],
    ["none", true],
    ["fibra: nofollow", true],
    ["noindex", false],
    ["nofollowing", false],
    ["", false]
  ])("EXT3: the directives %j forbid following: %s", (directives, forbidden) => {
    assert.strictEqual(Extract.forbidsFollowing(directives), forbidden)
    const meta = `<META NAME=Robots content="${directives}">`
    assert.strictEqual(Extract.outline(meta).nofollow, forbidden)
  })

  it.each([
    ["fibra: nofollow", true],
    ["Fibra:none", true],
    ["otherbot: nofollow", false],
    ["otherbot: noindex, fibra: nofollow", true],
    ["fibra: noindex, otherbot: nofollow", false],
    ["otherbot: noindex, nofollow", true]
  ])("EXT3: the directives %j forbid fibra following: %s", (directives, forbidden) => {
    assert.strictEqual(Extract.forbidsFollowing(directives, "fibra"), forbidden)
  })

  it("EXT4: fields are the first match, an attribute, or all matches", () => {
    const html = `<h1>The  <b>Sea</b>\n</h1><p class=price>£1</p><p class=price>£2</p>
      <img src=a.png alt=""><img src=b.png>`
    const chosen = selectors(
      "name=h1",
      "price=.price",
      "all[]=p.price",
      "images[]=img@src",
      "alt[]=img@alt",
      "none=h2",
      "lost[]=h2",
      "lost1=h1@id"
    )
    assert.deepStrictEqual(Extract.fields(html, chosen), {
      name: "The Sea",
      price: "£1",
      all: ["£1", "£2"],
      images: ["a.png", "b.png"],
      alt: [""],
      none: null,
      lost: [],
      lost1: null
    })
  })

  it("EXT15: records are read from inside of each match", () => {
    const page = `<b>outside</b><li><b>Tea</b><a href=1>x</a></li><li><i>no name</i><a href=2>y</a><a href=3>z</a>`
    const chosen = selectors("name=b", "to[]=a@href")
    assert.deepStrictEqual(Extract.records(page, "li", chosen), [
      { name: "Tea", to: ["1"] },
      { name: null, to: ["2", "3"] }
    ])
    assert.deepStrictEqual(Extract.records(page, "p", chosen), [])
  })

  it("EXT5: an @ inside of the CSS is not an attribute", () => {
    const [selector] = selectors("mail=a[href='mailto:me@site.example']")
    assert.deepStrictEqual(selector, {
      name: "mail",
      css: "a[href='mailto:me@site.example']",
      attribute: undefined,
      all: false
    })
  })

  it.each(["", "price", "=p", "a b=p", "a=", "a=@href", "a=p[", "a=:nonsense(x)"])(
    "EXT6: %j is no selector, and the reason is one line",
    (text) => {
      const invalid = Result.getOrThrow(Result.flip(Extract.selector(text)))
      assert.strictEqual(invalid.text, text)
      assert.notInclude(invalid.message, "\n")
    }
  )

  it("EXT9: links that ask not to be followed are apart from the others", () => {
    const html = `<a href=a rel="noopener NoFollow">a</a><a rel=nofollower href=b>b</a>
      <area rel=nofollow href=c><a rel="nofollow">no</a><a href=d>d</a>`
    const { links, nofollow, nofollowLinks } = Extract.outline(html)
    assert.deepStrictEqual([links, nofollowLinks, nofollow], [["b", "d"], ["a", "c"], false])
  })

  it("EXT10: the first link to the canonical page counts", () => {
    const html = `<link rel=stylesheet href=x><link rel="Canonical foo" href="/one"><link rel=canonical href=/two>`
    assert.strictEqual(Extract.outline(html).canonical, "/one")
    assert.isUndefined(Extract.outline("<link rel=canonical><a rel=canonical href=x>").canonical)
  })

  it.each([
    ["5; url=/next", ["/next"]],
    ["0;URL='/next'", ["/next"]],
    [`0 , url = "/a b" `, ["/a b"]],
    ["0; /next", ["/next"]],
    ["5", []],
    ["", []],
    ["0;url=", []]
  ])("EXT11: a refresh of %j leads to %j", (content, links) => {
    const quoted = content.replaceAll('"', "&quot;")
    const html = `<meta http-equiv=Refresh content="${quoted}"><meta content="0;url=no">`
    assert.deepStrictEqual(Extract.outline(html).links, links)
  })

  it("EXT12: 20,000 links are read, of both kinds together", () => {
    const html = "<a href=a>".repeat(15_000) + "<a href=b rel=nofollow>".repeat(15_000)
    const { links, nofollowLinks } = Extract.outline(html)
    assert.deepStrictEqual([links.length, nofollowLinks.length], [15_000, 5_000])
  })

  it("EXT12: a tag with a million attributes, and a million elements, end the reading of fields", () => {
    const before = "<title>x</title><h1>Top</h1><p>"
    const attributes = Array.from({ length: 1_000_000 }, (_, n) => ` a${n}=1`).join("")
    const wide = `${before}<a href=/first${attributes} href=no><h2>Late</h2><a href=/last>`
    assert.deepStrictEqual(Extract.outline(wide).links, ["/first", "/last"])
    assert.deepStrictEqual(Extract.fields(wide, selectors("a=h1", "b=h2")), { a: "Top", b: null })
    const many = `${before}${"<i></i>".repeat(1_000_000)}<h2>Late</h2>`
    assert.deepStrictEqual(Extract.fields(many, selectors("a=h1", "b=h2")), { a: "Top", b: null })
    const few = `${before}${"<i></i>".repeat(100_000)}<h2>Late</h2>`
    assert.deepStrictEqual(Extract.fields(few, selectors("b=h2")), { b: "Late" })
  })

  it("EXT13: fields become what the schema says", () => {
    const typed = Extract.typed(
      Schema.Struct({
        name: Schema.NonEmptyString,
        price: Schema.FiniteFromString,
        images: Schema.Array(Schema.String)
      })
    )
    const html = "<h1>Tea</h1><b>4.50</b><img src=a><img src=b>"
    const fields = Extract.fields(html, selectors("name=h1", "price=b", "images[]=img@src"))
    assert.deepStrictEqual(
      typed(fields),
      Result.succeed({ name: "Tea", price: 4.5, images: ["a", "b"] })
    )
  })

  it("EXT13: what is wrong is rejected whole, with all causes in one line", () => {
    const typed = Extract.typed(
      Schema.Struct({ name: Schema.NonEmptyString, price: Schema.FiniteFromString })
    )
    const fields = { name: "", price: "soon\n" }
    const rejected = Result.getOrThrow(Result.flip(typed(fields)))
    assert.strictEqual(rejected.fields, fields)
    assert.include(rejected.reason, '["name"]')
    assert.include(rejected.reason, '["price"]')
    assert.notInclude(rejected.message, "\n")
  })

  it.each([
    ["windows-1251", "Чай & кофе", "header"],
    ["windows-1251", "Чай и кофе", "meta"],
    ["koi8-r", "Чай и кофе", "header"],
    ["iso-8859-2", "Žluťoučký kůň", "meta"],
    ["iso-8859-7", "Τσάι και καφές", "header"],
    ["windows-1255", "תה וקפה", "meta"],
    ["windows-1256", "شاي وقهوة", "header"],
    ["windows-874", "ชาและกาแฟ", "meta"],
    ["iso-8859-1", "Thé & café", "header"],
    ["windows-1252", "“Thé” — 3 €", "meta"],
    ["shift_jis", "お茶とコーヒー", "meta"],
    ["shift_jis", "お茶とコーヒー", "header"],
    ["euc-jp", "お茶とコーヒー", "meta"],
    ["gb18030", "茶和咖啡", "header"],
    ["gbk", "茶和咖啡", "meta"],
    ["big5", "茶和咖啡", "meta"],
    ["euc-kr", "차와 커피", "header"],
    ["utf-16le", "Чай 茶", "mark"],
    ["utf-16be", "Чай 茶", "mark"],
    ["utf-8", "Чай 茶 ☕", "mark"],
    ["utf-8", "Чай 茶 ☕", "nothing"],
    ["utf-8", "Thé", "a lying header"]
  ] as const)("EXT14: a title in %s is read: %s, by its %s", (charset, title, by) => {
    const meta = by === "meta" ? `<meta charset=${charset}>` : ""
    const html = `<!doctype html><html><head>${meta}<title>${title}</title></head><a href="/x">x</a>`
    const mark = by === "mark" ? "\uFEFF" : ""
    const contentType =
      by === "header"
        ? `text/html; charset=${charset}`
        : by === "a lying header"
          ? lie
          : "text/html"
    const { links, title: found } = Extract.outline(
      Charset.decode(encode(mark + html, charset), contentType)
    )
    assert.deepStrictEqual([found, links], [title, ["/x"]])
  })
})

const lie = "text/html; charset=iso-8859-1"

/** The bytes of a text in a charset that Node only decodes: found by decoding all there are. */
const encode = (text: string, charset: string): Uint8Array => {
  if (charset === "utf-8") return new TextEncoder().encode(text)
  if (charset.startsWith("utf-16")) {
    const bytes = Buffer.from(text, "utf16le")
    return charset === "utf-16le" ? bytes : bytes.swap16()
  }
  const decoder = new TextDecoder(charset)
  const codes = new Map<string, ReadonlyArray<number>>()
  const bytes = Array.from({ length: 256 }, (_, byte) => 255 - byte)
  for (const first of bytes.filter((byte) => byte >= 0x80)) {
    for (const second of bytes.filter((byte) => byte >= 0x30)) {
      const decoded = decoder.decode(Uint8Array.of(first, second))
      if ([...decoded].length === 1) codes.set(decoded, [first, second])
    }
  }
  for (const byte of bytes) codes.set(decoder.decode(Uint8Array.of(byte)), [byte])
  return Uint8Array.from([...text].flatMap((character) => codes.get(character)!))
}
