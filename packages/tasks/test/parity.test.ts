import { describe, expect, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import { problems } from "../parity/compare.ts"
import * as Differences from "../parity/differences.ts"
import * as Fibra from "../parity/fibra.ts"
import * as Python from "../parity/python.ts"
import { rules } from "../parity/rules.ts"
import { listed, recorded } from "../parity/traces.ts"

describe("parity with asyncio", () => {
  it.each(rules)("PAR1, PAR2: $name", async (rule) => {
    const { differs, name } = rule
    const traces = {
      python: undefined,
      recorded: recorded(name),
      listed: differs === undefined ? undefined : listed(name),
      fibra: await Fibra.trace(rule)
    }
    expect(problems(traces)).toEqual([])
  })

  it("PAR1: the rules are 42, each a program in Python and the same in TypeScript", () => {
    expect(rules.map(({ name }) => Number.parseInt(name, 10))).toEqual(
      Array.from({ length: 42 }, (_, index) => index + 1)
    )
    for (const { name } of rules) {
      for (const language of ["py", "ts"]) {
        const program = new URL(`../parity/rules/${name}.${language}`, import.meta.url)
        expect([name, language, existsSync(program)]).toEqual([name, language, true])
      }
    }
  })

  it("PAR2: DIFFERENCES.md says what the table of rules and the traces say", () => {
    expect(Differences.read()).toBe(Differences.render())
  })

  it("PAR3: a trace that is neither Python's nor listed is told line by line", () => {
    expect(
      problems({ python: undefined, recorded: ["a", "b"], listed: undefined, fibra: ["a", "c"] })
    ).toEqual(["Fibra (+) does not print what Python prints (-):", "  a", "- b", "+ c"])
    expect(problems({ python: undefined, recorded: ["a"], listed: ["b"], fibra: ["a"] })).toEqual([
      "Fibra (+) does not print what is listed (-):",
      "- b",
      "+ a"
    ])
  })

  it("PAR3: a listed difference that is none is told", () => {
    expect(problems({ python: undefined, recorded: ["a"], listed: ["a"], fibra: ["a"] })).toEqual([
      "a difference is listed, and there is none"
    ])
  })

  it("PAR3: a recorded trace that Python does not print any more is told", () => {
    expect(problems({ python: ["b"], recorded: ["a"], listed: undefined, fibra: ["a"] })).toEqual([
      "Python (+) does not print what was recorded (-):",
      "- a",
      "+ b"
    ])
  })

  it("PAR4: the newest Python from 3.11 on is run, for the rules that it keeps", () => {
    const [old, middle, young] = ["3.9.18", "3.11.7", "3.13.0"].map((version) => ({
      command: `python${version}`,
      version
    }))
    expect(Python.newest([middle!, young!, old!])).toBe(young)
    expect(Python.newest([old!, { command: "missing", version: "0" }])).toBe(undefined)
    expect(Python.keeps(middle!, { since: "3.12" })).toBe(false)
    expect(Python.keeps(young!, { since: "3.12" })).toBe(true)
    expect(Python.keeps(middle!, {})).toBe(true)
  })
})
