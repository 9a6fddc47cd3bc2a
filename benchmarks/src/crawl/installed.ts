/** The scraper as its users have it: built, with all that it imports in a few files. */
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { makeFolder } from "./scratch.ts"

let bin: string | undefined

/** Builds it at the first call; it is removed when this process ends. */
export const scraperBin = (): string => (bin ??= install())

const install = (): string => {
  const folder = makeFolder()
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const script = fileURLToPath(new URL("../../../scripts/bundle.ts", import.meta.url))
  execFileSync(process.execPath, [script, "scraper", folder])
  return join(folder, "bin/main.mjs")
}
