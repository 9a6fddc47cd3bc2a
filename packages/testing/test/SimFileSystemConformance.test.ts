import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { perform, scenarios } from "./support/fileScenarios.ts"
import { folderOfOurs, real, simulated } from "./support/grounds.ts"

describe("SimFileSystem as Node", () => {
  it.effect.each(Object.keys(scenarios))(
    "DISK2: does and refuses what Node's file system does: %s",
    (name) =>
      Effect.gen(function* () {
        const scenario = scenarios[name]!
        // The same path on both, for it is in the results.
        const folder = `${yield* folderOfOurs}/folder`
        const expected = yield* perform(scenario, yield* real, folder)
        assert.deepStrictEqual(yield* perform(scenario, yield* simulated, folder), expected)
      })
  )
})
