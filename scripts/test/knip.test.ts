import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { linkInstalled } from "../internal/nodeModules.ts"
import { repository } from "../internal/report.ts"
import { tree } from "./fixture.ts"

const read = (path: string) => readFileSync(join(repository, path), "utf8")

describe("knip.json", () => {
  it("finds unused files, exports and dependencies, and spares public modules, bins and tests", () => {
    const root = tree({
      "package.json": {
        name: "house",
        type: "module",
        workspaces: ["packages/*", "apps/*"],
        devDependencies: { vitest: "1.0.0" }
      },
      "knip.json": read("knip.json"),
      "vitest.workspace.ts": read("vitest.workspace.ts"),
      "packages/tasks/package.json": {
        name: "@fibra/tasks",
        exports: { "./*": "./src/*.ts", "./internal/*": null },
        dependencies: { undici: "1.0.0" }
      },
      "packages/tasks/src/index.ts": `export * as Lock from "./Lock.ts"\n`,
      "packages/tasks/src/Lock.ts": `import { used } from "./internal/queue.ts"\nexport const a = used\n`,
      "packages/tasks/src/internal/queue.ts": "export const used = 1\nexport const unused = 2\n",
      "packages/tasks/src/internal/forgotten.ts": "export const b = 1\n",
      "packages/tasks/test/Lock.test.ts": `import "./setup.ts"\n`,
      "packages/tasks/test/sim/Lock.sim.ts": `import { spawnSync } from "node:child_process"\nspawnSync("mkfifo")\n`,
      "packages/tasks/test/setup.ts": "export {}\n",
      "apps/hello/package.json": { name: "@fibra/hello", bin: { hello: "./bin/main.mjs" } },
      "examples/hello.ts": `import "@fibra/tasks/Lock"\n`,
      "apps/hello/bin/main.mjs": "await import(new URL('../src/main.ts', import.meta.url))\n",
      "apps/hello/src/main.ts": "console.log(1)\n"
    })
    linkInstalled(repository, root)
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/knip/bin/knip.js"), "--no-config-hints", "--reporter=compact"],
      { cwd: root, encoding: "utf8" }
    )
    assert.deepStrictEqual(stdout.trim().split("\n"), [
      "Unused files (1)",
      "packages/tasks/src/internal/forgotten.ts: packages/tasks/src/internal/forgotten.ts",
      "Unused dependencies (1)",
      "packages/tasks/package.json: undici",
      "Unused exports (1)",
      "packages/tasks/src/internal/queue.ts: unused"
    ])
  }, 120_000)
})
