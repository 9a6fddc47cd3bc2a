/** Contenders that behave well and badly; the harness starts them as it does all others. */
import type { Body, Workload } from "../../src/workload.ts"

let owner: string | undefined

/** Does less than it was told by `missing`, and nothing in a process that another has used. */
const contender =
  (name: string, missing: number): Body =>
  async (size, meter) => {
    owner ??= name
    meter.begin()
    meter.end()
    return owner === name ? size - missing : 0
  }

const workload: Workload = {
  name: "test",
  work: "Nothing.",
  module: import.meta.url,
  measure: "wall",
  warmUp: { size: 1, seconds: 0 },
  operationsMin: 20,
  sizes: [10, 100],
  baseline: "honest",
  contenders: {
    honest: { run: contender("honest", 0) },
    other: { run: contender("other", 0), sizes: [100], note: "only large." },
    lazy: { run: contender("lazy", 1) },
    broken: {
      run: async () => {
        throw new RangeError("no such thing")
      }
    },
    talker: {
      run: async (size) => {
        console.log("hello")
        return size
      }
    },
    python: {
      run: { file: new URL("none.py", import.meta.url), contender: "none", loop: "asyncio" }
    },
    "python with aiofiles": {
      run: {
        file: new URL("none.py", import.meta.url),
        contender: "none",
        loop: "asyncio",
        needs: ["aiofiles"]
      },
      sizes: [100]
    },
    erlang: { run: { file: new URL("none.escript", import.meta.url), contender: "none" } }
  }
}

export const workloads: readonly [Workload] = [workload]
