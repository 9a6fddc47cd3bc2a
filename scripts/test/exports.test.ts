import { assert, describe, it } from "@effect/vitest"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Exports from "../exports.ts"
import { repository } from "../internal/report.ts"
import { tree } from "./fixture.ts"

const documented = [
  "/**",
  " * Locks.",
  " *",
  " * @since 0.1.0",
  " */",
  'import * as Effect from "effect/Effect"',
  "",
  "/** One owner at a time. @since 0.1.0 */",
  "export interface Lock {}",
  "/** Makes a lock. @since 0.1.0 */",
  "// The overloads differ in their owner.",
  "export function make(): Lock",
  "export function make(owner?: string): Lock { return {} }",
  ""
].join("\n")
const names = "Lock.Lock interface\nLock.make function\n"
const index = `export * as Lock from "./Lock.ts"\n`

const house = {
  "packages/tasks/package.json": { name: "@fibra/tasks" },
  "packages/tasks/src/index.ts": index,
  "packages/tasks/src/Lock.ts": documented,
  "packages/tasks/src/internal/queue.ts": "export const a = 1\n",
  "packages/tasks/exports.txt": names
}
const problems = (files: Parameters<typeof tree>[0]) =>
  Exports.problems(tree({ ...house, ...files }))
const module = "packages/tasks/src/Lock.ts"

describe("exports", () => {
  it("the repository's public names are documented and as its lists say", () => {
    assert.deepStrictEqual(Exports.problems(repository), [])
  })

  it("documented names with one path each, and empty packages, have no problems", () => {
    assert.deepStrictEqual(problems({}), [])
    const files = {
      "packages/tasks/package.json": "{}",
      "packages/tasks/src/index.ts": "export {}\n"
    }
    assert.deepStrictEqual(Exports.problems(tree(files)), [])
  })

  it("a name that appears or goes away is a problem until the list is updated", () => {
    const root = tree({
      ...house,
      [module]: documented.replaceAll("make", "of"),
      "packages/tasks/exports.txt": names
    })
    const rest = "run `node scripts/exports.ts --update` when that is meant"
    assert.deepStrictEqual(Exports.problems(root), [
      `packages/tasks/exports.txt:2: the list has "Lock.make function", the code has not: ${rest}`,
      `packages/tasks/exports.txt:3: the list lacks "Lock.of function": ${rest}`
    ])
    rmSync(join(root, "packages/tasks/exports.txt"))
    assert.deepStrictEqual(Exports.problems(root), [
      "packages/tasks/exports.txt:1: this list is missing, run `node scripts/exports.ts --update`"
    ])
    Exports.update(root)
    assert.deepStrictEqual(Exports.problems(root), [])
    assert.strictEqual(
      readFileSync(join(root, "packages/tasks/exports.txt"), "utf8"),
      "Lock.Lock interface\nLock.of function\n"
    )
  })

  it("a module that imports an optional peer is public, and not in the index", () => {
    const files = {
      "packages/tasks/package.json": {
        name: "@fibra/tasks",
        peerDependencies: { vitest: "*" },
        peerDependenciesMeta: { vitest: { optional: true } }
      },
      "packages/tasks/src/Lock.ts": documented.replace("effect/Effect", "vitest"),
      "packages/tasks/src/index.ts": "export {}\n"
    }
    assert.deepStrictEqual(problems(files), [])
    assert.deepStrictEqual(problems({ ...files, "packages/tasks/src/index.ts": index }), [
      `packages/tasks/src/index.ts:1: "${index.trim()}" is not the export of one module, remove it`
    ])
  })

  it("the index exports each public module once, as a namespace, and nothing else", () => {
    const path = "packages/tasks/src/index.ts"
    assert.deepStrictEqual(problems({ [path]: `${index}${index}export * from "./Lock.ts"\n` }), [
      `${path}:2: "export * as Lock from "./Lock.ts"" is not the export of one module, remove it`,
      `${path}:3: "export * from "./Lock.ts"" is not the export of one module, remove it`
    ])
    assert.deepStrictEqual(problems({ [path]: "export {}\n" }), [
      `${path}:1: "export {}" is not the export of one module, remove it`,
      `${path}:1: add export * as Lock from "./Lock.ts", or move the module to internal/`
    ])
  })

  it.each([
    `export { a } from "./Other.ts"`,
    `export * from "./Semaphore.ts"`,
    `export type { A } from "effect/Data"`,
    `export { Effect }`,
    `export default 1`
  ])("a module that has %s gives a name a second path", (line) => {
    assert.deepStrictEqual(problems({ [module]: `${documented}${line}\n` }), [
      `${module}:14: export by declaring, so that each name has exactly one path`
    ])
  })

  it.each([
    ["One owner at a time. @since 0.1.0", "", "Lock has no doc comment, write one", 9],
    [
      "One owner at a time.",
      "One owner",
      "the doc comment of Lock does not start with a sentence, write one",
      9
    ],
    [
      "One owner at a time. @since 0.1.0",
      "One owner.",
      "the doc comment of Lock has no @since, add it",
      9
    ],
    [
      " * Locks.\n",
      " *\n",
      "the doc comment of the module does not start with a sentence, write one",
      1
    ]
  ] as const)("%j replaced by %j in a doc comment is a problem", (from, to, text, line) => {
    const changed = documented.replace(from, to).replace("/**  */\n", "\n")
    assert.deepStrictEqual(problems({ [module]: changed }), [`${module}:${line}: ${text}`])
  })

  it("a name of a private file may be public in one module, with a comment", () => {
    const shared = '/** Shared. @since 0.1.0 */\nexport { a } from "./internal/queue.ts"\n'
    const list = `Lock.a from ./internal/queue.ts\n${names}`
      .split("\n")
      .toSorted()
      .join("\n")
      .trim()
    const files = { [module]: documented + shared, "packages/tasks/exports.txt": `${list}\n` }
    assert.deepStrictEqual(problems(files), [])
    const bare = documented + shared.split("\n")[1]!
    assert.deepStrictEqual(problems({ ...files, [module]: bare }), [
      `${module}:14: a has no doc comment, write one`
    ])
    const twice = {
      "packages/tasks/src/Zone.ts": `/** Zones. @since 0.1.0 */\nimport "effect"\n${shared}`,
      "packages/tasks/src/index.ts": `${index}export * as Zone from "./Zone.ts"\n`,
      "packages/tasks/exports.txt": `${list}\nZone.a from ./internal/queue.ts\n`
    }
    assert.deepStrictEqual(problems({ ...files, ...twice }), [
      "packages/tasks/src/Zone.ts:4: a is public in Lock already, refer to it there"
    ])
  })

  it("a module without a comment of its own is a problem, also when its first name has one", () => {
    const text = documented.split("\n").slice(7).join("\n")
    assert.deepStrictEqual(problems({ [module]: text }), [
      `${module}:1: the module has no doc comment, write one`
    ])
  })
})
