/**
 * Vitest's set-up for the tests of an app that start it many times: installs it as npm would, once.
 *
 * From its sources each start would take half a second of a processor, most of it to find and link hundreds
 * of modules. Tests get the launcher as `inject("bin")`, and give `inject("compileCache")` to what they start
 * as NODE_COMPILE_CACHE, so that nothing is left behind.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import type { TestProject } from "vitest/node"
import { install } from "./bundle.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly bin: string
    readonly compileCache: string
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const app = basename(project.config.root)
  const folder = mkdtempSync(join(tmpdir(), `fibra-${app}-`))
  await install(app, join(folder, app))
  project.provide("bin", join(folder, app, "bin/main.mjs"))
  project.provide("compileCache", join(folder, "compileCache"))
  return () => rmSync(folder, { recursive: true, force: true })
}
