import { assert, describe, it } from "@effect/vitest"
import { titlesOf } from "../internal/titles.ts"
import { repository } from "../internal/report.ts"
import * as Spec from "../spec.ts"
import { tree } from "./fixture.ts"

/** The problems of one package with these rules and tests. */
const problems = (rules: ReadonlyArray<string>, tests: ReadonlyArray<string>) =>
  Spec.problems(
    tree({
      "packages/tasks/package.json": { name: "@fibra/tasks" },
      "packages/tasks/SPEC.md": ["# SPEC", "", ...rules, ""].join("\n"),
      "packages/tasks/test/sim/Lock.sim.ts": `it.sim("LCK1: a seed")\n`,
      "packages/tasks/test/Lock.test.ts": tests.join("\n"),
      "packages/files/package.json": { name: "@fibra/files" },
      "packages/files/test/Sink.test.ts": `it("has no SPEC.md")\n`
    })
  )
const spec = "packages/tasks/SPEC.md"
const test = "packages/tasks/test/Lock.test.ts"

describe("spec", () => {
  it("the repository's rules and tests agree", () => {
    assert.deepStrictEqual(Spec.problems(repository), [])
  })

  it("rules with tests, of the form written down, have no problems", () => {
    const rules = ["- **LCK1** — one owner.", "- **LCK2** — no re-entry.", "Prose about LCK9."]
    assert.deepStrictEqual(problems(rules, [`it.effect("LCK1, LCK2: fact", () => a)`]), [])
  })

  it("a rule without a test, or with only a skipped one, is a problem", () => {
    const rules = ["- **LCK1** — one owner.", "- **LCK2** — no re-entry."]
    const expected = `${spec}:4: no test has a title that starts with "LCK2: ", write one`
    assert.deepStrictEqual(problems(rules, []), [expected])
    assert.deepStrictEqual(problems(rules, [`it.effect.skip("LCK2: x", () => a)`]), [expected])
    assert.deepStrictEqual(problems(rules, [`describe("LCK2: x", () => a)`]), [expected])
  })

  it("a title without an id, with an unknown one, or computed, is a problem", () => {
    const rules = ["- **LCK1** — one owner."]
    const tests = [
      `it("locks", f)`,
      `it("LCK1, LCK7: locks", f)`,
      `it(title, f)`,
      "it(`${a}: x`, f)"
    ]
    assert.deepStrictEqual(problems(rules, tests), [
      `${test}:1: "locks" does not start with the id of a rule in ${spec}`,
      `${test}:2: LCK7 is not in ${spec}, add the rule`,
      `${test}:3: this title is computed, write it as a literal`,
      `${test}:4: ": x" does not start with the id of a rule in ${spec}`
    ])
  })

  it("a duplicate id and a rule in another form are problems", () => {
    const rules = ["- **LCK1** — one owner.", "- **LCK1** — again.", "- **LCK2**: no re-entry."]
    assert.deepStrictEqual(problems(rules, []), [
      `${spec}:4: LCK1 is also the rule at line 3, renumber the new one`,
      `${spec}:5: write a rule as \`- **ABC1** — sentence.\``
    ])
  })

  it.each([
    `it("A1: x", f)`,
    `test("A1: x", f)`,
    `it.effect("A1: x", () => f)`,
    `it.live("A1: x", () => f, 1000)`,
    `it.scoped("A1: x", () => f)`,
    `it.effect.each([1])("A1: x", () => f)`,
    `it.each([1])("A1: x", f)`,
    "it.each`a | b`('A1: x', f)",
    `it.prop("A1: x", [Schema.Int], f)`,
    `it.effect.prop("A1: x", [Schema.Int], f)`,
    `it.sim("A1: x", { seeds: 5 }, f)`,
    `it.skipIf(process.platform === "win32")("A1: x", f)`,
    `layer(Live)((it) => { it.effect("A1: x", f) })`,
    `it.layer(Live)("group", (it) => { it.effect("A1: x", f) })`,
    "it(`A1: x`, f)",
    `describe("group", () => { for (const a of b) it("A1: x", f) })`
  ])("the title of %s is found", (text) => {
    assert.deepStrictEqual(titlesOf("a.test.ts", `\n${text}\n`), [
      { text: "A1: x", line: 2, runs: true }
    ])
  })
})
