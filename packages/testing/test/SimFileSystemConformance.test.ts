import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import * as SimFileSystem from "../src/SimFileSystem.ts"
import { perform, scenarios } from "./support/fileScenarios.ts"

describe("SimFileSystem as Node", { concurrent: true }, () => {
  it.effect.each(Object.keys(scenarios))(
    "DISK2: does and refuses what Node's file system does: %s",
    (name) =>
      Effect.gen(function* () {
        const scenario = scenarios[name]!
        const node = yield* FileSystem.FileSystem
        // The same path on both, for it is in the results.
        const folder = `${yield* node.makeTempDirectoryScoped({ prefix: "fibra-testing-" })}/folder`
        yield* node.makeDirectory(folder)
        const real = yield* perform(scenario, node, folder)

        const { fileSystem } = yield* SimFileSystem.make()
        yield* fileSystem.makeDirectory(folder, { recursive: true })
        assert.deepStrictEqual(yield* perform(scenario, fileSystem, folder), real)
      }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
