import { assert, describe, it } from "@effect/vitest"
import * as Layers from "../layers.ts"
import { repository } from "../internal/report.ts"
import { tree } from "./fixture.ts"

const root = { name: "house", version: "0.0.0", devDependencies: { effect: "4.1.0" } }
const manifest = (name: string, rest: object = {}) => ({
  name: `@fibra/${name}`,
  version: "0.1.0",
  ...rest
})
const peer = { peerDependencies: { effect: "^4.1.0" }, devDependencies: { effect: "4.1.0" } }

/** A tree without problems: two siblings above `tasks`, and two apps. */
const house = {
  "package.json": root,
  "packages/tasks/package.json": manifest("tasks", peer),
  "packages/tasks/src/index.ts": `export * as Task from "./Task.ts"\n`,
  "packages/tasks/src/Task.ts": `import * as Effect from "effect/Effect"\nexport const a = Effect.void\n`,
  "packages/http/package.json": manifest("http", {
    ...peer,
    dependencies: { "@fibra/tasks": "0.1.0", undici: "8.12.4" }
  }),
  "packages/http/src/Fetcher.ts": `import "undici"\nimport "node:dns/promises"\nimport "@fibra/tasks/Task"\n`,
  "packages/files/package.json": manifest("files", peer),
  "packages/files/src/Sink.ts": `import type { FileSystem } from "effect/FileSystem"\n`,
  "apps/scraper/package.json": manifest("scraper", {
    dependencies: { "@fibra/http": "0.1.0", effect: "4.1.0" }
  }),
  "apps/scraper/src/main.ts": `import { Effect } from "effect"\nimport "effect/cli"\nimport "node:fs"\nimport "@fibra/http"\n`,
  "apps/scraper/test/main.test.ts": `import "../../../packages/http/test/support/site.ts"\n`,
  "apps/chat/package.json": manifest("chat", { dependencies: { effect: "4.1.0" } })
}

const problems = (files: Readonly<Record<string, unknown>>) =>
  Layers.problems(tree({ ...house, ...files }))

describe("layers", () => {
  it("the repository keeps to its layers", () => {
    assert.deepStrictEqual(Layers.problems(repository), [])
  })

  it("a tree that keeps to them has no problems", () => {
    assert.deepStrictEqual(problems({}), [])
  })

  it("tests share the support of tests of lower packages, and of no others", () => {
    const wrong = "which is outside its workspace, import the package by its name"
    const specifier = "../../tasks/test/support/site.ts"
    const upwards = "../../http/test/support/site.ts"
    assert.deepStrictEqual(
      problems({
        "packages/http/test/a.test.ts": `import "${specifier}"\n`,
        "packages/http/src/b.ts": `import "${specifier}"\n`,
        "packages/http/test/c.test.ts": `import "../../tasks/test/d.ts"\n`,
        "packages/tasks/test/e.test.ts": `import "${upwards}"\n`
      }),
      [
        `packages/http/src/b.ts:1: imports "${specifier}", ${wrong}`,
        `packages/http/test/c.test.ts:1: imports "../../tasks/test/d.ts", ${wrong}`,
        `packages/tasks/test/e.test.ts:1: imports "${upwards}", ${wrong}`
      ]
    )
  })

  it("a row that imports a sibling is a problem of the table", () => {
    const table = { a: { level: 1, imports: ["b"] }, b: { level: 1, imports: [] } }
    assert.deepStrictEqual(Layers.tableProblems(table), [
      "scripts/layers.ts:1: the row of a imports b, which is not on a lower level, move one of them"
    ])
  })

  it("a package without a row is told to get one", () => {
    assert.deepStrictEqual(problems({ "packages/new/package.json": manifest("new") }), [
      "packages/new/package.json:1: this package has no row in the table of layers, add it in scripts/layers.ts"
    ])
  })

  const layer = (name: string) =>
    `which the layer of ${name} does not allow, see the table in scripts/layers.ts`
  const undeclared = (name: string) =>
    `which packages/${name}/package.json does not declare, add it to its dependencies`
  const node =
    "which its layer does not allow, use the service of Effect (or the row in scripts/layers.ts)"

  it.each([
    ["tasks", `import "@fibra/http"`, [layer("tasks"), undeclared("tasks")]],
    ["files", `export { Fetcher } from "@fibra/http"`, [layer("files"), undeclared("files")]],
    [
      "http",
      `await import("@fibra/scraper")`,
      ["which is not a package, move the shared part into one", undeclared("http")]
    ],
    [
      "http",
      `import "@fibra/tasks/internal/queue"`,
      ["which is private to its package, import one of the package's public modules"]
    ],
    [
      "http",
      `import "../../tasks/src/Task.ts"`,
      ["which is outside its workspace, import the package by its name"]
    ],
    [
      "tasks",
      `export type S = import("effect/FileSystem").FileSystem`,
      ["which only files may import, use that package"]
    ],
    [
      "tasks",
      `import "undici"`,
      ["which only http may import, use that package", undeclared("tasks")]
    ],
    [
      "tasks",
      `import "effect/process/ChildProcess"`,
      ["which no package owns, leave it to apps or name its owner in scripts/layers.ts"]
    ],
    [
      "tasks",
      `import "effect/graphql"`,
      ["which no package owns, leave it to apps or name its owner in scripts/layers.ts"]
    ],
    ["tasks", `import { Effect } from "effect"`, ['which hides what is used, import "effect/X"']],
    ["tasks", `import "node:fs"`, [node]],
    ["http", `import "node:http"`, [node]],
    ["tasks", `import "url"`, ['write it "node:url"']],
    ["tasks", `import "left-pad"`, [undeclared("tasks")]]
  ] as const)("in the sources of %s, %s is a problem", (name, line, texts) => {
    const specifier = /"(.*)"/.exec(line)![1]
    assert.deepStrictEqual(
      problems({ [`packages/${name}/src/Bad.ts`]: `\n${line}\n` }),
      texts.map((text) => `packages/${name}/src/Bad.ts:2: imports "${specifier}", ${text}`)
    )
  })

  it.each([
    [
      `import "@fibra/scraper"`,
      [
        "which is not a package, move the shared part into one",
        "which apps/chat/package.json does not declare, add it to its dependencies"
      ]
    ],
    [
      `import "../../scraper/src/main.ts"`,
      ["which is outside its workspace, import the package by its name"]
    ],
    [
      `import "@fibra/tasks"`,
      ["which apps/chat/package.json does not declare, add it to its dependencies"]
    ],
    [
      `import "@effect/platform-node"`,
      [
        "which loads all of it at start, import the module that you need",
        "which apps/chat/package.json does not declare, add it to its dependencies"
      ]
    ]
  ] as const)("in an app, %s is a problem", (line, texts) => {
    const specifier = /"(.*)"/.exec(line)![1]
    assert.deepStrictEqual(
      problems({ "apps/chat/src/main.ts": `${line}\n` }),
      texts.map((text) => `apps/chat/src/main.ts:1: imports "${specifier}", ${text}`)
    )
  })

  it("tests may use the root's tools, any part of Effect and of Node, and @fibra/testing", () => {
    const files = {
      "packages/testing/package.json": manifest("testing"),
      "packages/tasks/package.json": manifest("tasks", {
        ...peer,
        devDependencies: { "@fibra/testing": "0.1.0" }
      }),
      "packages/tasks/test/Task.test.ts": [
        `import { FileSystem } from "effect"`,
        `import "effect/http"`,
        `import "node:fs"`,
        `import "@fibra/testing"`,
        `import "@fibra/tasks/Task"`,
        `import "../src/Task.ts"`
      ].join("\n")
    }
    assert.deepStrictEqual(problems(files), [])
  })

  it("tests keep to the layers and to declared packages too", () => {
    const path = "packages/tasks/test/Task.test.ts"
    assert.deepStrictEqual(problems({ [path]: `import "@fibra/http"\nimport "left-pad"\n` }), [
      `${path}:1: imports "@fibra/http", ${layer("tasks")}`,
      `${path}:1: imports "@fibra/http", ${undeclared("tasks")}`,
      `${path}:2: imports "left-pad", ${undeclared("tasks")}`
    ])
  })

  it("a dependency that the table does not allow is found in package.json", () => {
    const files = {
      "packages/files/package.json": manifest("files", {
        ...peer,
        dependencies: { "@fibra/http": "0.1.0" }
      })
    }
    assert.deepStrictEqual(problems(files), [
      "packages/files/package.json:11: depends on @fibra/http, which the table in scripts/layers.ts does not allow, remove it"
    ])
  })

  it("versions of Effect and of other workspaces are those of the root and of their package.json", () => {
    const files = {
      "packages/http/package.json": manifest("http", {
        dependencies: { "@fibra/tasks": "^0.1.0", undici: "8.12.4" },
        devDependencies: { effect: "^4.1.0", "@effect/vitest": "4.0.5" },
        peerDependencies: { effect: "4.1.0" }
      })
    }
    assert.deepStrictEqual(problems(files), [
      'packages/http/package.json:5: @fibra/tasks is "^0.1.0", write "0.1.0"',
      'packages/http/package.json:9: effect is "^4.1.0", write "4.1.0"',
      'packages/http/package.json:10: @effect/vitest is "4.0.5", write "the version of the root package.json"',
      'packages/http/package.json:13: effect is "4.1.0", write "^4.1.0"'
    ])
  })

  it("the root pins Effect exactly", () => {
    const path = { "package.json": { ...root, devDependencies: { effect: "~4.1.0" } } }
    assert.include(problems(path), 'package.json:5: effect is "~4.1.0", pin one exact version')
  })

  it("files that import each other are a cycle, also through the package's name and types", () => {
    const files = {
      "packages/tasks/src/A.ts": `import type { B } from "./B.ts"\n`,
      "packages/tasks/src/B.ts": `export * from "./C.ts"\n`,
      "packages/tasks/src/C.ts": `\nimport "@fibra/tasks/A"\n`
    }
    assert.deepStrictEqual(problems(files), [
      "packages/tasks/src/C.ts:2: closes a cycle, move the shared part below: " +
        "packages/tasks/src/A.ts -> packages/tasks/src/B.ts -> packages/tasks/src/C.ts -> packages/tasks/src/A.ts"
    ])
  })
})
