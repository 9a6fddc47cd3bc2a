import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { repository } from "../internal/report.ts"
import * as Packages from "../packages.ts"
import { tree } from "./fixture.ts"

const read = (path: string) => readFileSync(join(repository, path), "utf8")

const build = (...references: ReadonlyArray<string>) => ({
  extends: "../../tsconfig.base.json",
  compilerOptions: {
    composite: true,
    rootDir: "src",
    outDir: "dist",
    tsBuildInfoFile: "dist/.tsbuildinfo"
  },
  include: ["src"],
  references: references.map((path) => ({ path }))
})

const exports = (types: string) => ({
  ".": {
    "@fibra/source": "./src/index.ts",
    types: "./dist/index.d.ts",
    default: "./dist/index.js"
  },
  "./*": { "@fibra/source": "./src/*.ts", types, default: "./dist/*.js" }
})

const manifest = (name: string, rest: object) => ({
  name: `@fibra/${name}`,
  version: "0.1.0",
  license: "MIT",
  type: "module",
  ...rest
})

/** One package and one app that uses it; the launcher is the one of the apps. */
const house = {
  "package.json": { name: "house", private: true, workspaces: ["packages/*", "apps/*"] },
  "tsconfig.base.json": read("tsconfig.base.json"),
  "tsconfig.build.json": {
    files: [],
    references: [
      { path: "packages/tasks/tsconfig.build.json" },
      { path: "apps/hello/tsconfig.build.json" }
    ]
  },
  "packages/tasks/package.json": manifest("tasks", {
    files: ["dist", "src"],
    exports: exports("./dist/*.d.ts")
  }),
  "packages/tasks/tsconfig.build.json": build(),
  "packages/tasks/src/index.ts": `export * as Greeting from "./Greeting.ts"\n`,
  "packages/tasks/src/Greeting.ts": `export const greeting: string = "usage: hello"\n`,
  "apps/hello/package.json": manifest("hello", {
    bin: { hello: "./bin/main.mjs" },
    files: ["bin", "dist"],
    dependencies: { "@fibra/tasks": "0.1.0" }
  }),
  "apps/hello/tsconfig.build.json": build("../../packages/tasks/tsconfig.build.json"),
  "apps/hello/bin/main.mjs": read("apps/scraper/bin/main.mjs"),
  "apps/hello/src/main.ts": `import { greeting } from "@fibra/tasks/Greeting"\nconsole.log(greeting)\n`
}

describe("packages", () => {
  it("what the repository publishes can be installed, typed and started", async () => {
    assert.deepStrictEqual(await Packages.problems(repository), [])
  }, 120_000)

  it("a package and an app that work have no problems", async () => {
    assert.deepStrictEqual(await Packages.problems(tree(house)), [])
  }, 120_000)

  it("types that are not in the tarball, and a bin that needs what it does not declare", async () => {
    const found = await Packages.problems(
      tree({
        ...house,
        "packages/tasks/package.json": manifest("tasks", {
          files: ["dist", "src"],
          exports: exports("./types/*.d.ts")
        }),
        "apps/hello/src/main.ts": `import "effect/Effect"\n`
      })
    )
    assert.lengthOf(found, 3, found.join("\n"))
    assert.match(found[0]!, /^packages\/tasks\/package\.json:1: publint: .*types/)
    assert.match(
      found[1]!,
      /^packages\/tasks\/package\.json:1: attw: "@fibra\/tasks\/Greeting": node16 \(from ESM\): /
    )
    assert.match(
      found[2]!,
      /^apps\/hello\/bin\/main\.mjs:1: `hello --help` of the packed app ends with 1: [^]*Cannot find package 'effect'/
    )
  }, 120_000)

  it("a bin that is not packed, and one that prints no help, are problems", async () => {
    const path = "apps/hello/package.json"
    const app = house[path]
    const silent = await Packages.problems(
      tree({ ...house, "apps/hello/src/main.ts": "export const quiet = true\n" })
    )
    assert.deepStrictEqual(silent, [
      "apps/hello/bin/main.mjs:1: `hello --help` of the packed app ends with 0: "
    ])
    const files = { ...house, [path]: { ...app, bin: { hello: "./run.mjs" }, files: ["dist"] } }
    const missing = await Packages.problems(tree(files))
    assert.include(missing, `${path}:1: hello is not in the tarball`)
  }, 120_000)

  it("a type error, and a workspace that is left out of the build, are problems", async () => {
    const wrong = { "packages/tasks/src/Greeting.ts": `\nexport const greeting: number = "a"\n` }
    assert.deepStrictEqual(await Packages.problems(tree({ ...house, ...wrong })), [
      "packages/tasks/src/Greeting.ts:2: Type 'string' is not assignable to type 'number'."
    ])
    const unbuilt = { "tsconfig.build.json": { files: [], references: [] } }
    assert.deepStrictEqual(await Packages.problems(tree({ ...house, ...unbuilt })), [
      "tsconfig.build.json:1: does not build packages/tasks, add it",
      "tsconfig.build.json:1: does not build apps/hello, add it"
    ])
  }, 120_000)
})
