import { assert, describe, it } from "@effect/vitest"
import { decode, decodeFully } from "../src/Charset.ts"
import { encode } from "./support/encode.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")
const utf8 = (text: string) => Buffer.from(text, "utf8")

const texts = {
  "windows-1251":
    "Магазин книг. Здесь можно купить книги по математике, физике и истории, а также учебники для школы и университета.",
  shift_jis:
    "書籍のお店です。ここでは数学や物理学、歴史の本を買うことができます。学校と大学の教科書もあります。",
  gb18030:
    "这是一家书店。在这里可以买到数学、物理和历史方面的书籍，还有学校和大学的教科书。我们每天营业。",
  "euc-kr":
    "서점입니다. 여기에서 수학과 물리학 그리고 역사에 관한 책을 살 수 있습니다. 학교와 대학교의 교과서도 있습니다."
} as const
const corpus = Object.entries(texts)
const html = (title: string, head = "") => `<!doctype html>${head}<title>${title}</title>`

describe("Charset", () => {
  it.each(corpus)(
    "CHR4: %s is decoded by its header, by meta, and without a declaration",
    (charset, title) => {
      const plain = html(title)
      const byHeader = decodeFully(encode(charset, plain), `text/html; charset=${charset}`)
      assert.deepStrictEqual(byHeader, { text: plain, charset, source: "header", replacements: 0 })
      const declared = html(title, `<meta charset=${charset}>`)
      const byMeta = decodeFully(encode(charset, declared), "text/html")
      assert.deepStrictEqual(byMeta, { text: declared, charset, source: "meta", replacements: 0 })
      const guessed = decodeFully(encode(charset, plain), "text/html")
      assert.deepStrictEqual(guessed, { text: plain, charset, source: "guess", replacements: 0 })
    }
  )

  it.each([
    "größte Auswahl schöner Möbel für Küche und Büro",
    "Café crème à volonté, dès lundi",
    "naïve €"
  ])("CHR2: undeclared text with a few foreign letters is windows-1252: %s", (title) => {
    assert.strictEqual(decode(encode("windows-1252", html(title)), undefined), html(title))
  })

  it.each(["utf-16le", "utf-16be"])(
    "CHR4: %s is decoded by its mark, or by its header",
    (charset) => {
      const little = Buffer.from("\uFEFF" + html("тест"), "utf16le")
      const marked = charset === "utf-16le" ? little : Buffer.from(little).swap16()
      assert.deepInclude(decodeFully(marked, "text/html; charset=utf-8"), {
        text: html("тест"),
        charset,
        source: "mark"
      })
      const unmarked = marked.subarray(2)
      assert.strictEqual(decode(unmarked, `text/html; charset=${charset}`), html("тест"))
    }
  )

  it.each(corpus)("CHR5: a header that says UTF-8 of %s is not believed", (charset, title) => {
    const declared = html(title, `<meta charset=${charset}>`)
    const found = decodeFully(encode(charset, declared), "text/html; charset=utf-8")
    assert.deepStrictEqual([found.text, found.source], [declared, "meta"])
    const bare = html(title)
    assert.strictEqual(decode(encode(charset, bare), "text/html; charset=utf-8"), bare)
    const twice = html(title, "<meta charset=utf-8>")
    assert.strictEqual(decode(encode(charset, twice), "text/html; charset=utf-8"), twice)
  })

  it("CHR5: the charset that servers add by themselves is not believed of valid UTF-8", () => {
    const page = html("größte Auswahl")
    for (const head of [page, html("größte Auswahl", "<meta charset=utf-8>")]) {
      assert.strictEqual(decode(utf8(head), "text/html; charset=ISO-8859-1"), head)
    }
    // The page itself says so too.
    const agreed = '<meta charset="latin1">é'
    assert.strictEqual(
      decode(utf8(agreed), "text/html; charset=latin1"),
      '<meta charset="latin1">Ã©'
    )
  })

  it("CHR6: invalid bytes in a page that is otherwise UTF-8 are replaced and counted", () => {
    const body = Buffer.concat([
      utf8(html("größte Auswahl schöner Möbel")),
      bytes("\xff"),
      utf8("größe"),
      bytes("\xc3")
    ])
    const found = decodeFully(body, "text/html; charset=utf-8")
    assert.deepInclude(found, { charset: "utf-8", source: "header", replacements: 2 })
    assert.isTrue(found.text.endsWith("\uFFFDgröße\uFFFD"))
  })

  it("CHR1: the mark wins over the header, and the header over meta", () => {
    assert.strictEqual(decode(utf8("\uFEFFcafé"), "text/html; charset=iso-8859-1"), "café")
    const meta = '<meta charset="windows-1251">'
    assert.strictEqual(
      decode(bytes(`${meta}caf\xe9`), 'text/html; charset="latin1"'),
      `${meta}café`
    )
    assert.strictEqual(decode(bytes(`${meta}\xe9`), "text/html"), `${meta}й`)
    const pragma = '<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">'
    assert.strictEqual(decode(bytes(`${pragma}\x83e`), undefined), `${pragma}テ`)
    assert.strictEqual(decode(Buffer.from("\uFEFFété", "utf16le"), undefined), "été")
  })

  it("CHR2: undeclared bytes are UTF-8 when valid, else windows-1252", () => {
    assert.strictEqual(decode(utf8("naïve €"), "text/html"), "naïve €")
    assert.strictEqual(decode(bytes("na\xefve \x80"), "text/html"), "naïve €")
  })

  it.each(["utf-99", "replacement", "x-user-defined", ""])(
    "CHR3: the label '%s' does not fail",
    (label) => {
      assert.include(decode(utf8("plain"), `text/html; charset=${label}`), "plain")
    }
  )
})
