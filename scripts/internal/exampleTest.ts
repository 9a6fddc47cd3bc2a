/** What the generated tests in `.examples` run with. */
import { assert, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export * as $Effect from "effect/Effect"
export * as $NodeServices from "@effect/platform-node/NodeServices"
export { it as $it } from "@effect/vitest"

/** The value of a statement, when it is what the fence says. */
export const $same = <A>(actual: A, expected: unknown): A => {
  deepStrictEqual<unknown>(actual, expected)
  return actual
}

/** A test that runs a program in an empty folder and expects it to end well within 20 seconds. */
export const $program = (title: string, file: URL): void => {
  it(title, () => {
    const cwd = mkdtempSync(join(tmpdir(), "fibra-example-"))
    const { error, status, stderr, stdout } = spawnSync(
      process.execPath,
      ["--conditions=@fibra/source", fileURLToPath(file)],
      { cwd, encoding: "utf8", timeout: 20_000 }
    )
    rmSync(cwd, { recursive: true, force: true })
    assert.strictEqual(status, 0, `${error?.message ?? ""}${stdout}${stderr}`)
  })
}
