/** Small trees on disk, for the scripts to find fault with. */
import { onTestFinished } from "@effect/vitest"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** Writes the files below a new folder, which is removed after the test; values that are not text become JSON. */
export const tree = (files: Readonly<Record<string, unknown>>): string => {
  const root = mkdtempSync(join(realpathSync(tmpdir()), "fibra-scripts-"))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(
      join(root, path),
      typeof content === "string" ? content : JSON.stringify(content, null, 2)
    )
  }
  return root
}

/** A `ts` fence of Markdown, with its line ends. */
export const fence = (...lines: ReadonlyArray<string>): string =>
  ["```ts", ...lines, "```", ""].join("\n")
