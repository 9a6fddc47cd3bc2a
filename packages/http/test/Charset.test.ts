import { assert, describe, it } from "@effect/vitest"
import { decode } from "../src/Charset.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")
const utf8 = (text: string) => Buffer.from(text, "utf8")

describe("Charset", () => {
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
