import { assert, describe, it } from "@effect/vitest"
import { interleave, quick, runWorkload, type Turn } from "../src/harness.ts"
import { percentile, summarize } from "../src/statistics.ts"
import { workloads } from "./support/workload.ts"

const [workload] = workloads
const none = { pythons: [], erlang: undefined }

describe("statistics", () => {
  it("the median of an odd number of values is the one in the middle", () => {
    assert.deepStrictEqual(summarize([9, 1, 10]), { median: 9, min: 1, max: 10 })
  })
  it("the median of an even number of values is the mean of the two in the middle", () => {
    assert.deepStrictEqual(summarize([10, 1, 3, 2]), { median: 2.5, min: 1, max: 10 })
  })
  it("there is no median, and no percentile, of nothing", () => {
    assert.throws(() => summarize([]), RangeError)
    assert.throws(() => percentile([], 99), RangeError)
  })
  it("a percentile is a value that was measured", () => {
    const values = Array.from({ length: 200 }, (_, i) => 200 - i)
    assert.deepStrictEqual([percentile(values, 99), percentile(values, 100)], [198, 200])
    assert.strictEqual(percentile([7], 99), 7)
  })
})

describe("harness", () => {
  it("runs are interleaved: each contender once before any of them again", () => {
    const turns = interleave(workload, 2).map(({ contender, run }) => `${run} ${contender}`)
    const names = [
      "honest",
      "other",
      "lazy",
      "broken",
      "talker",
      "python",
      "python with aiofiles",
      "erlang"
    ]
    assert.deepStrictEqual(
      turns,
      [1, 2].flatMap((run) => names.map((name) => `${run} ${name}`))
    )
  })
  it("a contender that is run less often is absent from the later rounds", () => {
    const contenders = {
      slow: { ...workload.contenders["honest"]!, runsMax: 1 },
      other: workload.contenders["other"]!
    }
    const turns = interleave({ ...workload, contenders }, 2)
    assert.deepStrictEqual(
      turns.map(({ contender }) => contender),
      ["slow", "other", "other"]
    )
  })
  it("quick divides all sizes by ten, also those of single contenders", () => {
    const { contenders, operationsMin, sizes } = quick(workload)
    assert.deepStrictEqual([sizes, contenders["other"]?.sizes, operationsMin], [[1, 10], [10], 2])
  })
  it("a time counts only if the work was done", async () => {
    const turns: Array<string> = []
    const onTurn = ({ contender, run }: Turn) => turns.push(`${run} ${contender}`)
    const { cells } = await runWorkload(workload, { runs: 2, ...none, onTurn })
    assert.deepStrictEqual(
      cells.map(({ contender, problem, samples, size, value }) => [
        `${contender} ${size}`,
        value === undefined ? problem : samples.map(({ done }) => done)
      ]),
      [
        // Sizes below 20 operations are measured in several rounds. Each contender has a process of
        // its own: in one that another has used, it would have done nothing.
        ["honest 10", [20, 20]],
        ["lazy 10", { kind: "failed", text: "did 18 of 20 operations" }],
        ["broken 10", { kind: "failed", text: "RangeError: no such thing" }],
        ["talker 10", { kind: "failed", text: "printed something else than samples: hello" }],
        ["python 10", { kind: "notInstalled", text: "python3 >= 3.11" }],
        ["erlang 10", { kind: "notInstalled", text: "erl" }],
        ["honest 100", [100, 100]],
        ["other 100", [100, 100]],
        ["lazy 100", { kind: "failed", text: "did 99 of 100 operations" }],
        ["broken 100", { kind: "failed", text: "RangeError: no such thing" }],
        ["talker 100", { kind: "failed", text: "printed something else than samples: hello" }],
        ["python 100", { kind: "notInstalled", text: "python3 >= 3.11" }],
        ["python with aiofiles 100", { kind: "notInstalled", text: "python3 >= 3.11" }],
        ["erlang 100", { kind: "notInstalled", text: "erl" }]
      ]
    )
    // What has failed is not asked again.
    assert.deepStrictEqual(turns.slice(8), ["2 honest", "2 other"])
  })
})
