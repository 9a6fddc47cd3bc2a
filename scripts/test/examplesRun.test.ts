import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import * as Examples from "../examples.ts"
import { linkInstalled } from "../internal/nodeModules.ts"
import { repository } from "../internal/report.ts"
import { fence, tree } from "./fixture.ts"

interface Results {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{ readonly title: string; readonly status: string }>
  }>
}

describe("generated tests", () => {
  it("wrong values, failures, wrong types and failing programs are found where they are written", () => {
    const root = tree({
      "package.json": { type: "module" },
      "packages/tasks/package.json": {
        name: "@fibra/tasks",
        type: "module",
        exports: { "./*": "./src/*.ts" }
      },
      "packages/tasks/src/Semaphore.ts": `/**\n${fence("Semaphore.permits // => 2")}*/\nexport const permits = 2\n`,
      "packages/tasks/src/index.ts": `export * as Semaphore from "./Semaphore.ts"\n`,
      "docs/right.md": fence(
        "const fs = yield* FileSystem.FileSystem",
        'yield* fs.exists("/none") // => false',
        "const scope = yield* Scope.Scope"
      ),
      "docs/wrong.md":
        fence("const one = yield* Effect.succeed(1) // => 2") +
        fence('yield* Effect.fail("no")') +
        fence("", "const n: number = Option.none()"),
      "examples/right.ts": `const n: number = 1\nconsole.log(n)\n`,
      "examples/wrong.ts": `process.exitCode = 3\n`,
      "vitest.config.ts": `export default { test: { include: [".examples/**/*.test.ts"] } }`,
      "tsconfig.json": {
        extends: join(repository, "tsconfig.base.json"),
        compilerOptions: { noEmit: true, types: ["node"], plugins: [] },
        include: [".examples/test"]
      }
    })
    linkInstalled(repository, root)
    symlinkSync(join(repository, "scripts"), join(root, "scripts"))
    mkdirSync(join(root, "node_modules/@fibra"))
    symlinkSync(join(root, "packages/tasks"), join(root, "node_modules/@fibra/tasks"))
    assert.deepStrictEqual(Examples.write(root), [])

    const vitest = join(repository, "node_modules/vitest/vitest.mjs")
    spawnSync(
      process.execPath,
      [vitest, "run", "--root", root, "--reporter=json", "--outputFile=result.json"],
      { cwd: root, encoding: "utf8" }
    )
    const { testResults }: Results = JSON.parse(readFileSync(join(root, "result.json"), "utf8"))
    const results = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .map(({ status, title }) => `${title} ${status}`)
      .toSorted()
    assert.deepStrictEqual(results, [
      "docs/right.md:1 passed",
      "docs/wrong.md:1 failed",
      "docs/wrong.md:4 failed",
      "docs/wrong.md:7 passed",
      "examples/right.ts passed",
      "examples/wrong.ts failed",
      "packages/tasks/src/Semaphore.ts:2 passed"
    ])

    const tsc = join(repository, "node_modules/typescript/bin/tsc")
    const types = spawnSync(process.execPath, [tsc, "-p", root], { cwd: root, encoding: "utf8" })
    const errors = types.stdout.split("\n").filter((line) => line.includes("error TS"))
    assert.lengthOf(errors, 1)
    assert.match(errors[0]!, /^\.examples\/test\/docs\/wrong\.md\.test\.ts\(9,7\): error TS2322/)
  }, 120_000)
})
