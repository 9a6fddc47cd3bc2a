import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
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
})
