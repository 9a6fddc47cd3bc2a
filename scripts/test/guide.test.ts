import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Guide from "../guide.ts"
import { repository } from "../internal/report.ts"
import { tree } from "./fixture.ts"

const page = "docs/guide/limits.md"
const read = (root: string): string => readFileSync(join(root, page), "utf8")

describe("guide", () => {
  it("the code of the guide is that of the lessons, and each lesson has its page", async () => {
    assert.deepStrictEqual(await Guide.problems(repository), [])
    assert.deepStrictEqual(Guide.missing(repository), [])
  })

  it("an update fills the markers, and leaves the rest", async () => {
    const root = tree({
      [page]:
        "before\n<!-- lesson: gather -->\nold\n<!-- end -->\nafter\n<!-- trace: wait -->\n<!-- end -->\n"
    })
    assert.deepStrictEqual(await Guide.problems(root), [
      `${page}:1: is not what the lessons say, npm run guide`
    ])
    await Guide.update(root)
    assert.deepStrictEqual(await Guide.problems(root), [])
    const text = read(root)
    assert.match(text, /^before\n<!-- lesson: gather -->\nIn asyncio, \[03-gather\.py\]/)
    assert.include(text, "\n+ its sibling: interrupted\n```\n")
    assert.include(
      text,
      "\n<!-- end -->\nafter\n<!-- trace: wait -->\n```text\n$ tour trace wait\n"
    )
    await Guide.update(root)
    assert.strictEqual(read(root), text)
  })

  it("a lesson that is not there, and code that nothing checks, are problems", async () => {
    const root = tree({
      [page]: "<!-- lesson: quicksort -->\n<!-- end -->\n\n```typescript\nlet x = 1\n```\n"
    })
    assert.deepStrictEqual(await Guide.problems(root), [
      `${page}:1: there is no lesson "quicksort", mend the name`,
      `${page}:4: has code that nothing checks, use a lesson or a \`ts\` fence`
    ])
  })

  it("a table that names what nobody exports is a problem", async () => {
    const root = tree({
      [page]:
        "| asyncio | here | what differs |\n| --- | --- | --- |\n" +
        "| `gather` | `Task.gather`, `Effect.all` | |\n| `wait` | `Task.waitForAll` | |\n"
    })
    assert.deepStrictEqual(await Guide.problems(root), [
      `${page}:4: names Task.waitForAll, which nobody exports, mend the name`
    ])
  })

  it("the table of asyncio has at least 40 rows, the README at most 120 lines, in both languages", () => {
    const lines = (path: string) => readFileSync(join(repository, path), "utf8").split("\n")
    const rows = lines("docs/guide/asyncio.md").filter(
      (line) => /^\|.*\|.*\|.*\|$/.test(line) && !/^\| (asyncio|---) \|/.test(line)
    )
    assert.isAtLeast(rows.length, 40)
    for (const path of ["README.md", "README.pt-BR.md"]) {
      assert.isAtMost(lines(path).length, 120)
      for (const link of ["docs/guide/asyncio.md", "docs/guide/when-not.md"]) {
        assert.isTrue(existsSync(join(repository, link)))
        assert.include(lines(path).join("\n"), `(${link})`)
      }
    }
  })
})
