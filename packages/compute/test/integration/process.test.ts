import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What Node prints with these arguments, when it ends well within 20 seconds. */
const node = (...args: ReadonlyArray<string>) =>
  Effect.callback<string, Error>((resume) => {
    execFile(process.execPath, args, { timeout: 20_000 }, (error, stdout) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    )
  })

const program = fileURLToPath(new URL("../support/program.ts", import.meta.url))
const source = "--conditions=@fibra/source"

describe("processes", () => {
  it.effect("CPU15: workers load sources unbuilt, with the conditions of the process", () =>
    Effect.gen(function* () {
      const printed = yield* node(source, program)
      assert.include(printed, `${new URL("../../src/index.ts", import.meta.url)}\n`)
    })
  )

  it.effect("CPU15: workers start from the built files too", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "fibra-cpu-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const require = createRequire(import.meta.url)
      const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc")
      const config = at("../../tsconfig.build.json")
      const alone = "--noCheck --noResolve --composite false --tsBuildInfoFile null".split(" ")
      yield* node(tsc, "-p", config, ...alone, "--outDir", join(folder, "dist"))
      symlinkSync(at("../../../../node_modules"), join(folder, "node_modules"))
      cpSync(at("../../package.json"), join(folder, "package.json"))
      const main = join(folder, "main.mjs")
      writeFileSync(
        main,
        `
        import { Effect } from "effect"
        import { Cpu } from "./dist/index.js"
        const module = new URL("data:text/javascript,export const double = (n) => n * 2")
        const call = Effect.flatMap(Cpu.pool({ module }), (cpu) => cpu.run("double", 21))
        console.log(await Effect.runPromise(Effect.scoped(call)))
        `
      )
      assert.strictEqual(yield* node(source, main), "42\n")
    })
  )

  it.effect("CPU16: a process ends while its pool is idle, and not while a call runs", () =>
    Effect.gen(function* () {
      const printed = yield* node(source, program)
      assert.match(printed, /\nsecond call!\n$/)
    })
  )
})
