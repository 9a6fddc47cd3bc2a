/** Runs every static check of the repository, in order, and stops at the first that fails. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

// The compiler patched with Effect's diagnostics exists for Linux x64; elsewhere plain tsc checks.
const patchedTsc = at(
  `node_modules/@effect/tsgo-${process.platform}-${process.arch}/artifacts/typescript/7.0.2/tsc`
)
const types = existsSync(patchedTsc)
  ? [patchedTsc, "-p", at("tsconfig.json")]
  : [process.execPath, at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.json")]

const checks: ReadonlyArray<readonly [name: string, command: ReadonlyArray<string>]> = [
  ["types", types],
  ["lint", [at("node_modules/.bin/oxlint"), "--deny-warnings"]],
  ["format", [at("node_modules/.bin/oxfmt"), "--check"]],
  ["layers", [process.execPath, at("scripts/layers.ts")]],
  ["unused", [at("node_modules/.bin/knip"), "--no-progress", "--no-config-hints"]]
]

for (const [name, [command, ...args]] of checks) {
  const { error, status, stderr, stdout } = spawnSync(command!, args, {
    cwd: at("."),
    encoding: "utf8"
  })
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name}`)
  if (status !== 0) {
    console.error(error?.message ?? `${stdout}${stderr}`.trim())
    process.exit(1)
  }
}
