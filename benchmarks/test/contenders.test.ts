import { assert, describe, it } from "@effect/vitest"
import { noMeter } from "../src/meter.ts"
import { needsOf, start } from "../src/process.ts"
import { findPythons, pythonWith } from "../src/python.ts"
import { findErlang } from "../src/erlang.ts"
import { suites } from "../src/suites.ts"
import { isPython, type Python, type Workload } from "../src/workload.ts"

// The contenders of `lag` are those of `calls`, measured in another way. Whole programs have tests of
// their own, in `crawl.test.ts`.
const workloads = Object.values(suites)
  .flatMap(({ workloads }) => workloads)
  .filter(({ measure }) => !["lag", "program", "race"].includes(measure))
const [pythons, erlang] = [findPythons(), findErlang()]

/** The same, so small that it is done at once, with the contenders that `keep` wants. */
const small = (workload: Workload, keep: (name: string) => boolean): Workload => ({
  ...workload,
  warmUp: { size: 1, seconds: 0 },
  operationsMin: 1,
  sizes: [20],
  contenders: Object.fromEntries(
    Object.entries(workload.contenders)
      .filter(([name]) => keep(name))
      .map(([name, { run }]) => [name, { run }])
  )
})

describe.each(workloads)("$name", (workload) => {
  const bodies = Object.entries(workload.contenders).flatMap(([name, { run }]) =>
    typeof run === "function" ? [{ name, run }] : []
  )
  it.each(bodies)("$name does what it is told", async ({ run }) => {
    const size = Math.min(20, workload.warmUp.size)
    assert.strictEqual(await run(size, noMeter), size)
  })
  const does = async (name: string) => {
    const [outcome] = await start(
      small(workload, (other) => other === name),
      name,
      { pythons, erlang }
    )
    assert.strictEqual(outcome?._tag, "sample", JSON.stringify(outcome))
  }
  const foreign = Object.entries(workload.contenders).filter(
    ([, { run }]) => typeof run === "object"
  )
  const isInstalled = (run: Python) => pythonWith(pythons, needsOf(run)) !== undefined
  const inPython = foreign.flatMap(([name, { run }]) =>
    isPython(run) && isInstalled(run) ? [name] : []
  )
  it.each(inPython)("%s does what it is told", does)
  const inErlang = foreign.flatMap(([name, { run }]) =>
    typeof run === "object" && !isPython(run) && run.schedulers === undefined ? [name] : []
  )
  it.skipIf(erlang === undefined).each(inErlang)("%s does what it is told", does)
})
