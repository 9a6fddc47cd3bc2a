import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as LinkFilter from "../src/LinkFilter.ts"

const page = `<a href=/0>0</a><ul class=r><li><a href=/1>1</a><li><A HREF=/2 rel="x NoFollow">2</A></ul>
<div class=r><p><a name=here>no link</a><map><area href=/3></map></div><a class=next href=/4>4</a>`

describe("LinkFilter", () => {
  it.each([
    [[".r"], ["/1", "/3"], ["/2"]],
    [["ul.r"], ["/1"], ["/2"]],
    [["a.next"], ["/4"], []],
    [["a.next", "ul > li:first-child"], ["/1", "/4"], []],
    [["a.next, .r p"], ["/3", "/4"], []],
    [["*"], ["/0", "/1", "/3", "/4"], ["/2"]],
    [["table"], [], []]
  ])("LFL1: of the links of a page, %j lets %j and %j through", (css, links, nofollowLinks) => {
    const filters = css.map((text) => Result.getOrThrow(LinkFilter.parse(text)))
    assert.deepStrictEqual(LinkFilter.linksIn(page, filters), { links, nofollowLinks })
  })

  it.each(["", "a[", "..", ":nope", "a)", "a) b:is(c"])(
    "LFL2: %j is refused with one line",
    (css) => {
      const parsed = LinkFilter.parse(css)
      assert.isTrue(Result.isFailure(parsed))
      if (Result.isFailure(parsed)) {
        assert.include(parsed.failure.message, `${JSON.stringify(css)} is not a selector: `)
        assert.notInclude(parsed.failure.message, "\n")
      }
    }
  )
})
