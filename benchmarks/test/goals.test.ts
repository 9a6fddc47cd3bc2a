import { assert, describe, it } from "@effect/vitest"
import { judge } from "../src/goals.ts"
import type { Cell, Result } from "../src/harness.ts"
import type { Sample } from "../src/meter.ts"
import { suites } from "../src/suites.ts"
import { goalTable, workloadTable } from "../src/table.ts"
import type { Goal, Point } from "../src/workload.ts"
import { workloads } from "./support/workload.ts"

const [workload] = workloads

const sample: Sample = {
  done: 1,
  wallSeconds: 1,
  cpuSeconds: 1,
  peakBytes: 2 ** 21,
  startBytes: 2 ** 20,
  residentBytes: null,
  heapBytes: null,
  lagSeconds: null
}

/** A contender that was measured at `size`, and took so many seconds for one operation. */
const cell = (contender: string, size: number, seconds: number): Cell => ({
  contender,
  size,
  note: undefined,
  samples: [sample],
  value: { median: seconds, min: seconds, max: seconds },
  problem: undefined
})

const problem = (contender: string, size: number, kind: "failed" | "notInstalled"): Cell => ({
  ...cell(contender, size, 0),
  samples: [],
  value: undefined,
  problem: { kind, text: kind === "failed" ? "did 1 of 2 operations" : "uvloop" }
})

const result: Result = {
  workload,
  cells: [
    cell("honest", 10, 2),
    problem("python", 10, "notInstalled"),
    cell("honest", 100, 3),
    cell("other", 100, 6),
    problem("lazy", 100, "failed"),
    problem("python", 100, "notInstalled")
  ]
}

const at = (contender: string, size: number): Point => ({ workload: "test", contender, size })

const measured = (goal: Goal, options = { quick: false }) => {
  const [verdict] = judge([goal], [result], options)
  return [verdict?.measured, verdict?.met]
}

describe("goals", () => {
  const ratio = { value: at("other", 100), over: at("honest", 100) }
  it("a ratio of medians meets a limit that it equals", () => {
    assert.deepStrictEqual(measured({ ...ratio, limit: { atLeast: 2 } }), [2, true])
    assert.deepStrictEqual(measured({ ...ratio, limit: { atMost: 2 } }), [2, true])
  })
  it("a ratio of medians on the wrong side of a limit misses it", () => {
    assert.deepStrictEqual(measured({ ...ratio, limit: { atLeast: 2.1 } }), [2, false])
    assert.deepStrictEqual(measured({ ...ratio, limit: { atMost: 1.9 } }), [2, false])
  })
  it("without a second point the limit is for the median itself", () => {
    assert.deepStrictEqual(measured({ value: at("other", 100), limit: { atMost: 5 } }), [6, false])
  })
  it("a fact must keep its limit in each run", () => {
    const facts = (lost: number): Sample => ({ ...sample, facts: { lost } })
    const cells = [{ ...cell("honest", 100, 3), samples: [facts(0), facts(2), facts(1)] }]
    const [verdict] = judge(
      [{ value: { ...at("honest", 100), fact: "lost" }, limit: { atMost: 1 } }],
      [{ workload, cells }],
      { quick: false }
    )
    assert.deepStrictEqual([verdict?.measured, verdict?.met], [2, false])
  })
  it("a goal is neither met nor missed when a contender was not measured", () => {
    const goal = { value: at("lazy", 100), over: at("honest", 100), limit: { atLeast: 1 } }
    assert.deepStrictEqual(measured(goal), [undefined, undefined])
  })
  it("quick compares the tenth of the sizes that a goal names", () => {
    const goal = { value: at("honest", 100), limit: { atMost: 2 } }
    assert.deepStrictEqual(measured(goal, { quick: true }), [2, true])
  })
  it("a goal of a workload that was not run has no verdict", () => {
    const value = { ...at("honest", 100), workload: "another" }
    assert.deepStrictEqual(judge([{ value, limit: { atMost: 1 } }], [result], { quick: false }), [])
  })
  it("every goal of every suite names contenders and sizes that there are", () => {
    for (const { goals, workloads } of Object.values(suites)) {
      for (const { contender, size, workload } of goals.flatMap(({ over, value }) => [
        value,
        ...(over === undefined ? [] : [over])
      ])) {
        const found = workloads.find(({ name }) => name === workload)
        const sizes = found?.contenders[contender]?.sizes ?? found?.sizes
        assert.isTrue(sizes?.includes(size), `${workload}, ${contender}, ${size}`)
      }
    }
  })
  it("every workload has its baseline, in the sizes of all others", () => {
    for (const { baseline, contenders, name, sizes } of Object.values(suites).flatMap(
      ({ workloads }) => workloads
    )) {
      assert.deepStrictEqual(contenders[baseline]?.sizes ?? sizes, sizes, name)
    }
  })
})

describe("table", () => {
  const rowsOf = (markdown: string) =>
    markdown
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .slice(2)
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .map((cells) => cells.slice(1, -1))

  it("a contender that did not do its work has no numbers, and what is missing has one row", () => {
    const rows = rowsOf(workloadTable(result))
    assert.deepStrictEqual(rows, [
      ["honest", "10", "2,000 ms", "1,000 ms", "1 MiB", "1 ×", ""],
      ["python", "10", "uvloop: not installed", "", "", "", ""],
      ["honest", "100", "3,000 ms", "1,000 ms", "1 MiB", "1 ×", "1.5 ×"],
      ["other", "100", "6,000 ms", "1,000 ms", "1 MiB", "2 ×", ""],
      ["lazy", "100", "FAILED: did 1 of 2 operations", "", "", "", ""]
    ])
  })
  it("facts have columns, with the least and the most", () => {
    const samples = [1, 3, 2].map((lost) => ({ ...sample, facts: { lost } }))
    const cells = [{ ...cell("honest", 10, 2), samples }, cell("other", 10, 2)]
    const rows = rowsOf(workloadTable({ workload: { ...workload, measure: "race" }, cells }))
    assert.deepStrictEqual(
      rows.map((row) => row[3]),
      ["2 (1..3)", ""]
    )
  })
  it("growth above half as much again is flagged", () => {
    const cells = [cell("honest", 10, 2), cell("honest", 100, 3.1)]
    assert.strictEqual(rowsOf(workloadTable({ workload, cells }))[1]?.at(-1), "1.55 × GROWS")
  })
  it("a goal that is missed says so", () => {
    const goals: ReadonlyArray<Goal> = [
      { value: at("other", 100), over: at("honest", 100), limit: { atLeast: 3 } },
      { value: at("honest", 100), over: at("honest", 10), limit: { atMost: 1.5 } },
      { value: at("lazy", 100), limit: { atMost: 0.02 } }
    ]
    assert.deepStrictEqual(rowsOf(goalTable(judge(goals, [result], { quick: false }))), [
      ["test, 100", "other costs at least 3 × honest", "2 ×", "MISSED"],
      ["test, 100", "honest at 100 costs at most 1.5 × that at 10", "1.5 ×", "yes"],
      ["test, 100", "lazy: at most 20 ms", "not measured", "?"]
    ])
  })
})
