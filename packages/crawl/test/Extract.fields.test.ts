import { assert, describe, it } from "@effect/vitest"
import * as CssSelect from "css-select"
import { DomUtils } from "htmlparser2"
import { firstMatches, testOf } from "../src/internal/firstMatches.ts"
import { parseBounded } from "../src/internal/parseBounded.ts"
import { generatePage } from "./support/htmlCorpus.ts"

type Element = Parameters<typeof DomUtils.getOuterHTML>[0] &
  Parameters<typeof DomUtils.getAttributeValue>[0]

const selectors = [
  "p",
  "a",
  "*",
  "[href]",
  "div > p",
  "p a",
  "li + li",
  "div ~ p, li",
  "table td",
  'a[href^="/"]',
  ".none"
]

describe("Extract.fields", () => {
  it("EXT4: a page that is read no further than needed gives the first matches of the whole page", () => {
    const tests = selectors.map((css) => testOf(css)!)
    let matches = 0
    for (let seed = 0; seed < 500; seed++) {
      const html = generatePage(seed)
      const document = parseBounded(html)
      const expected = selectors.map((css) =>
        CssSelect.selectOne<typeof document | Element, Element>(css, document)
      )
      for (const [index, element] of expected.entries()) {
        const [found] = firstMatches(html, [tests[index]!])
        assert.strictEqual(outer(found!), outer(element), selectors[index])
        if (element !== null) matches += 1
      }
      assert.deepStrictEqual(firstMatches(html, tests).map(outer), expected.map(outer))
    }
    assert.isAbove(matches, 1000)
  })
  it("EXT4: what is behind the last field is not parsed", () => {
    const html = `<p class="price">4 <b>50</b></p>${"<div>".repeat(5000)}`
    let opened = 0
    const [price] = firstMatches(html, [
      (element) => {
        opened += 1
        return testOf(".price")!(element)
      }
    ])
    assert.strictEqual(DomUtils.textContent(price!), "4 50")
    assert.isBelow(opened, 300)
  })
  it("EXT4: a selector that looks ahead needs the whole page", () => {
    for (const css of ["p:last-child", "div:has(p)", "p < div"]) {
      assert.isUndefined(testOf(css), css)
    }
  })
})

const outer = (element: Element | null): string | null =>
  element === null ? null : DomUtils.getOuterHTML(element)
