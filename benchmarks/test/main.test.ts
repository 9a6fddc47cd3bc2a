import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { CommandError, parseCommand } from "../src/command.ts"

const entry = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const bench = (...args: ReadonlyArray<string>) => {
  const command = ["--conditions=@fibra/source", entry, ...args]
  const { status, stderr, stdout } = spawnSync(process.execPath, command, { encoding: "utf8" })
  return { status, stderr, stdout }
}

const refusal = (...args: ReadonlyArray<string>): string => {
  try {
    parseCommand(args)
  } catch (error) {
    assert.instanceOf(error, CommandError)
    return (error as CommandError).message
  }
  return assert.fail("the command line was accepted")
}

describe("main", () => {
  it("without a suite it lists them", () => {
    assert.deepStrictEqual(bench(), {
      status: 0,
      stdout: "suites: tasks, actors, compute, files, http, crawl\n",
      stderr: ""
    })
  })
  it("an unknown suite is refused in one line that lists those that there are", () => {
    const stderr = 'there is no suite "nothing": give tasks, actors, compute, files, http, crawl\n'
    assert.deepStrictEqual(bench("nothing"), { status: 2, stdout: "", stderr })
  })
  it("a file that cannot be written is refused before the work", () => {
    const { status, stderr, stdout } = bench("tasks", "--json", "/nowhere/results.json")
    assert.deepStrictEqual([status, stdout], [2, ""])
    assert.match(stderr, /^--json: ENOENT.*\n$/)
  })
  it("the tables are printed, and the file has what they have", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"))
    const path = join(folder, "results.json")
    const { status, stdout } = bench("tasks", "--quick", "--only", "memory", "--json", path)
    const { suite, workloads } = JSON.parse(readFileSync(path, "utf8"))
    rmSync(folder, { recursive: true })
    assert.strictEqual(status, 0)
    assert.match(stdout, /### memory\n[^]*\| TaskGroup\.spawn +\| 10,000[^]*### Goals\n/)
    assert.deepStrictEqual([suite, workloads.length, workloads[0].name], ["tasks", 1, "memory"])
  })
  it("flags are refused with what to give instead", () => {
    assert.match(refusal("tasks", "--runs", "0"), /^--runs is "0": give an integer from 1$/)
    assert.match(refusal("tasks", "--only", "what"), /^no workload is named like "what": give /)
    assert.match(refusal("tasks", "--fast"), /--fast/)
    assert.match(refusal("tasks", "compute"), /^there is no suite "tasks compute"/)
  })
  it("five runs by default, one when quick, and only the workloads that were asked for", () => {
    assert.strictEqual(parseCommand(["tasks"]).runs, 5)
    assert.strictEqual(parseCommand(["tasks", "--quick"]).runs, 1)
    const { suite } = parseCommand(["tasks", "--only", "queue"])
    assert.deepStrictEqual(
      suite.workloads.map(({ name }) => name),
      ["queue(16), 1 to 1", "queue(16), 8 to 8"]
    )
  })
  it("what takes minutes is run only when it is asked for", () => {
    const names = (...args: ReadonlyArray<string>) =>
      parseCommand(args).suite.workloads.map(({ name }) => name)
    assert.notInclude(names("crawl"), "frontier")
    assert.deepStrictEqual(names("crawl", "--only", "frontier"), ["frontier"])
  })
})
