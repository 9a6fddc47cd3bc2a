import { assert, describe, it } from "@effect/vitest"
import * as PageText from "../src/PageText.ts"

describe("PageText", () => {
  it("TXT1: a block is a line, and what is not shown is left out", () => {
    const page = `<!doctype html><html><head><title>T</title><style>a{}</style></head><body>
      <h1>A  <b>bold</b>
      word</h1><p>one<br>two</p><script>if (a<b) x()</script><noscript>no</noscript>
      <ul><li>x<li>y &amp; z</ul><table><tr><td>1<td>2<tr><th>3</table><template><p>t</template>end`
    assert.strictEqual(PageText.of(page), "A bold word\none\ntwo\nx\ny & z\n1 2\n3\nend")
  })

  it.each([
    ["<html><head><title>T</title><body><p>no end of the head", "no end of the head"],
    ["<p>a<div>b</p>c", "a\nb\nc"],
    ["<svg><svg>in</svg>still in</svg>out", "out"],
    ["<svg/>a<SCRIPT>b</SCRIPT>&#99", "ac"],
    ["<div>".repeat(100_000) + "deep", "deep"],
    ["text only", "text only"],
    ["", ""],
    ["<", "<"]
  ])("TXT2: the text of broken HTML, %#", (page, text) => {
    assert.strictEqual(PageText.of(page), text)
  })
})
