import { assert, describe, it } from "@effect/vitest"
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Examples from "../examples.ts"
import { repository } from "../internal/report.ts"
import { fence, tree } from "./fixture.ts"

/** The generated test of a README, without its first line. */
const generated = (readme: string): ReadonlyArray<string> => {
  const root = tree({ "README.md": `# Title\n${readme}` })
  const file = Examples.generate(root).get(".examples/test/README.md.test.ts")!
  assert.deepStrictEqual(file.problems, [])
  return file.text.split("\n").slice(1)
}

/** What the generated test of a file imports besides its runner. */
const imports = (root: string, path: string): ReadonlyArray<string> =>
  Examples.generate(root)
    .get(`.examples/test/${path}.test.ts`)!
    .text.replace(/^.*void \$same;/, "")
    .split("; ")
    .map((text) => text.trim())
    .filter((text) => text.startsWith("import "))

const tasks = {
  "packages/tasks/package.json": { name: "@fibra/tasks", version: "0.1.0", type: "module" },
  "packages/tasks/src/index.ts": `export * as Semaphore from "./Semaphore.ts"\n`
}

describe("examples", () => {
  it("every fence of the repository can become a test", () => {
    assert.deepStrictEqual(Examples.problems(repository), [])
  })

  it("the types of the generated tests are checked with all others", () => {
    // Folders whose name starts with a dot are skipped unless the path goes further.
    const { include } = JSON.parse(readFileSync(join(repository, "tsconfig.json"), "utf8"))
    assert.include(include, ".examples/test")
  })

  it("each line of a fence keeps its number, `// =>` asserts, and declarations count as used", () => {
    const lines = generated(
      fence(
        "const { a, b: [c] } = yield* f // => { a: 1 }",
        "yield* g(",
        "  a",
        ") // => Option.some(1)",
        "a + 1; // => 2",
        "export type Pair<A, B> = [A, B]"
      )
    )
    assert.deepStrictEqual(lines, [
      'import * as Option from "effect/Option"; $it.live("README.md:2", () => $Effect.gen(function*() {',
      "const { a, b: [c] } = $same(yield* f, ({ a: 1 })) // => { a: 1 }",
      "$same(yield* g(",
      "  a",
      "), (Option.some(1))) // => Option.some(1)",
      "$same(a + 1, (2)); // => 2",
      "type Pair<A, B> = [A, B]",
      ";void [a, c, 0 as unknown as Pair<never, never>];}).pipe($Effect.provide($NodeServices.layer)))",
      ""
    ])
  })

  it("fences in other languages, and `ts` fences inside of them, stay text", () => {
    const readme =
      "````md\n```ts\nnot code\n```\n````\n```sh\nnpm start\n```\n" + fence("1 // => 1")
    assert.include(generated(readme).join("\n"), '$it.live("README.md:10"')
    assert.notInclude(generated(readme).join("\n"), "not code")
  })

  it("fences lose the indent of their list or comment, and imports leave the body", () => {
    const doc = [
      "/**",
      " * A list.",
      " *",
      " * - item",
      " *   ```ts",
      ' *   import { Effect } from "effect"',
      " *   const text = `a",
      " *     b`",
      " *   ```",
      " */"
    ]
    const root = tree({ ...tasks, "packages/tasks/src/Semaphore.ts": doc.join("\n") })
    const path = ".examples/test/packages/tasks/src/Semaphore.ts.test.ts"
    const lines = Examples.generate(root).get(path)!.text.split("\n")
    assert.deepStrictEqual(lines.slice(4, 8), [
      'import * as Effect from "effect/Effect"; $it.live("packages/tasks/src/Semaphore.ts:5", () => $Effect.gen(function*() {',
      "",
      "const text = `a",
      "  b`"
    ])
  })

  it("names in scope are Effect's, the package's own before them, and none that JavaScript has", () => {
    const doc = "/**\n" + fence("Semaphore; Array; Effect.void; x.Stream; const Option = 1") + "*/"
    const root = tree({
      ...tasks,
      "packages/tasks/src/Semaphore.ts": doc,
      "README.md": fence("Semaphore; pipe")
    })
    assert.deepStrictEqual(imports(root, "packages/tasks/src/Semaphore.ts"), [
      'import * as Semaphore from "@fibra/tasks/Semaphore"',
      'import * as Effect from "effect/Effect"'
    ])
    assert.deepStrictEqual(imports(root, "README.md"), [
      'import * as Semaphore from "@fibra/tasks/Semaphore"',
      'import { pipe as pipe } from "effect"'
    ])
  })

  it("in a package's README its own names come first, and imports of a fence stay what they are", () => {
    const files = {
      ...tasks,
      "packages/actors/package.json": { name: "@fibra/actors" },
      "packages/actors/src/index.ts": `export * as Semaphore from "./Semaphore.ts"\n`,
      "packages/actors/README.md": fence("Semaphore"),
      "packages/tasks/README.md": fence("Semaphore"),
      "README.md": fence(
        'import { Effect as E, type Option } from "effect"',
        'import type { Semaphore } from "@fibra/actors"',
        'import { readFile } from "node:fs"',
        'import assert from "node:assert"'
      )
    }
    const root = tree(files)
    for (const name of ["actors", "tasks"]) {
      assert.deepStrictEqual(imports(root, `packages/${name}/README.md`), [
        `import * as Semaphore from "@fibra/${name}/Semaphore"`
      ])
    }
    assert.deepStrictEqual(imports(root, "README.md"), [
      'import * as E from "effect/Effect"',
      'import type * as Option from "effect/Option"',
      'import type * as Semaphore from "@fibra/actors/Semaphore"',
      'import { readFile as readFile } from "node:fs"',
      'import assert from "node:assert"'
    ])
  })

  it.each([
    [
      ["const = 1"],
      3,
      "this fence is not TypeScript (use ```text for what is not): Unexpected token"
    ],
    [
      ["1", "if (a) { // => 1", "}"],
      4,
      "this fence has a `// =>` that does not follow the end of a statement"
    ],
    [
      ["1 // => one of them"],
      3,
      "this fence has a `// =>` before what is not a value: one of them"
    ],
    [
      ["Effect.void", "```", "```ts", 'import * as Effect from "effect/Data"'],
      5,
      'Effect is "effect/Data" here and "effect/Effect" in the fence at line 2, import it from one place'
    ]
  ] as const)("a fence with the lines %j is a problem at line %d", (lines, line, text) => {
    const root = tree({ "docs/a.md": `\n${fence(...lines)}` })
    assert.deepStrictEqual(Examples.problems(root), [`docs/a.md:${line}: ${text}`])
  })

  it("a fence without an end is a problem", () => {
    const root = tree({ "docs/a.md": "```ts\n1\n" })
    assert.deepStrictEqual(Examples.problems(root), [
      "docs/a.md:1: this fence has no end, close it"
    ])
  })

  it("writing again leaves unchanged files alone and removes those whose fences are gone", () => {
    const root = tree({ "README.md": fence("1"), "docs/a.md": fence("2") })
    const stat = (name: string) => statSync(join(root, ".examples/test", name), { bigint: true })
    Examples.write(root)
    const before = stat("README.md.test.ts")
    rmSync(join(root, "docs/a.md"))
    writeFileSync(join(root, "docs/b.md"), fence("3"))
    Examples.write(root)
    writeFileSync(join(root, "docs/b.md"), fence("4"))
    Examples.write(root)
    assert.strictEqual(stat("README.md.test.ts").mtimeNs, before.mtimeNs)
    assert.throws(() => stat("docs/a.md.test.ts"), /ENOENT/)
    assert.include(readFileSync(join(root, ".examples/test/docs/b.md.test.ts"), "utf8"), "\n4\n")
  })
})
