import { assert, describe, it } from "@effect/vitest"
import { repository } from "../internal/report.ts"
import * as Links from "../links.ts"
import { tree } from "./fixture.ts"

describe("links", () => {
  it("every link of the repository leads somewhere", () => {
    assert.deepStrictEqual(Links.problems(repository), [])
  })

  it("links to files, folders, headings and other hosts are no problem", () => {
    const files = {
      "README.md": [
        "# A `code` heading (1)!",
        "## Twice",
        "## Twice",
        "[a](docs/guide.md), [b](docs), [c](#a-code-heading-1), [d](#twice-1), [e](https://x.test/y)",
        '[f](docs/guide.md#é-ção), ![g](docs/guide.md "title"), `[h](nowhere.md)`',
        "```text",
        "[i](nowhere.md)",
        "```",
        "",
        "[ref]: docs/guide.md"
      ].join("\n"),
      "docs/guide.md": "# É, ção?\n[up](../README.md#twice)\n"
    }
    assert.deepStrictEqual(Links.problems(tree(files)), [])
  })

  it("a file, a heading or a reference that is not there is a problem", () => {
    const files = {
      "docs/a.md": [
        "# A",
        "[a](b.md)",
        "[b](#c) and [c](../d.md#a)",
        "```text",
        "# C",
        "```",
        "[ref]: e.md",
        "[out](../../elsewhere.md)"
      ].join("\n"),
      "d.md": "# D\n"
    }
    assert.deepStrictEqual(Links.problems(tree(files)), [
      'docs/a.md:2: links to "b.md", which is not there, mend the path',
      'docs/a.md:3: links to "#c", and docs/a.md has no such heading, mend the anchor',
      'docs/a.md:3: links to "../d.md#a", and d.md has no such heading, mend the anchor',
      'docs/a.md:7: links to "e.md", which is not there, mend the path',
      'docs/a.md:8: links to "../../elsewhere.md", which is not there, mend the path'
    ])
  })
})
