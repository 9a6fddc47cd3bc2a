import { assert, describe, it } from "@effect/vitest"
import * as Bins from "../bins.ts"
import { repository } from "../internal/report.ts"
import { tree } from "./fixture.ts"

const app = (name: string, bin = "./bin/main.mjs") => ({ name, bin: { [name]: bin } })

const house = {
  "apps/a/package.json": app("a"),
  "apps/a/bin/main.mjs": "run()\n",
  "apps/b/package.json": app("b"),
  "apps/b/bin/main.mjs": "run()\n"
}

describe("bins", () => {
  it("all apps of the repository have the same launcher", () => {
    assert.deepStrictEqual(Bins.problems(repository), [])
  })

  it("equal launchers, and no apps at all, are no problem", () => {
    assert.deepStrictEqual(Bins.problems(tree(house)), [])
    assert.deepStrictEqual(Bins.problems(tree({})), [])
  })

  it("a launcher that differs by a byte, is missing, or is not the bin, is a problem", () => {
    const files = {
      ...house,
      "apps/b/bin/main.mjs": "run() \n",
      "apps/c/package.json": app("c"),
      "apps/d/package.json": app("d", "./dist/main.js"),
      "apps/d/bin/main.mjs": "run()\n"
    }
    assert.deepStrictEqual(Bins.problems(tree(files)), [
      "apps/c/bin/main.mjs:1: is missing, copy that of another app",
      'apps/d/package.json:1: has one bin, and it is "./bin/main.mjs"',
      "apps/b/bin/main.mjs:1: differs from apps/a/bin/main.mjs, copy the right one"
    ])
  })
})
