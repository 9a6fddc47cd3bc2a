/**
 * The long form of the tests: more seeds of each simulation, and the files that only this runs.
 *
 * `npm run soak` takes many minutes; arguments go to vitest: `npm run soak -- --project tasks`.
 * Seeds: `FIBRA_SEEDS`, 2,000 unless it is set. Files named `*.soak.ts`, and tests that ask for
 * `FIBRA_SOAK`, run here alone.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { repository } from "./internal/report.ts"

const vitest = join(repository, "node_modules/vitest/vitest.mjs")
const { error, status } = spawnSync(
  process.execPath,
  [vitest, "run", "--config", "vitest.workspace.ts", ...process.argv.slice(2)],
  {
    cwd: repository,
    stdio: "inherit",
    env: { ...process.env, FIBRA_SOAK: "1", FIBRA_SEEDS: process.env.FIBRA_SEEDS ?? "2000" }
  }
)
if (error !== undefined) throw error
process.exitCode = status ?? 1
