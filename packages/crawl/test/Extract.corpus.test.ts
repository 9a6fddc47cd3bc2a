import { assert, describe, it } from "@effect/vitest"
import { type DefaultTreeAdapterTypes, parse } from "parse5"
import * as Extract from "../src/Extract.ts"
import { generatePage, oddPages } from "./support/htmlCorpus.ts"

/** The links that a browser would find: `href` of each `a` and `area` of the tree, in order. */
const linksOfTree = (html: string): ReadonlyArray<string> => {
  const links: Array<string> = []
  const visit = (node: DefaultTreeAdapterTypes.Node) => {
    if ("tagName" in node && (node.tagName === "a" || node.tagName === "area")) {
      const href = node.attrs.find(({ name }) => name === "href")
      if (href !== undefined) links.push(href.value)
    }
    if ("childNodes" in node) node.childNodes.forEach(visit)
  }
  visit(parse(html, { scriptingEnabled: false }))
  return links
}

const linksOf = (html: string): ReadonlyArray<string> => Extract.outline(html).links

describe("Extract, beside parse5", () => {
  it.each(oddPages)("EXT8: the links of a page with %s are those that browsers find", (_, html) => {
    // A tree doubles links whose ends are misplaced, and moves them: only which links counts.
    assert.deepStrictEqual(new Set(linksOf(html)), new Set(linksOfTree(html)))
  })

  it("EXT8: of 3,000 made-up pages, at least 99 links of 100 are those that browsers find", () => {
    let [expected, found, common] = [0, 0, 0]
    for (let seed = 0; seed < 3000; seed++) {
      const html = generatePage(seed)
      const [ours, theirs] = [new Set(linksOf(html)), new Set(linksOfTree(html))]
      expected += theirs.size
      found += ours.size
      common += [...ours].filter((link) => theirs.has(link)).length
    }
    assert.isAbove(expected, 20_000)
    assert.isAtLeast(common / expected, 0.99)
    assert.isAtLeast(common / found, 0.99)
  })
})
