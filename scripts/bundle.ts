/**
 * Puts each command-line app into a few files, `dist/main.js` and its chunks, with all that it imports.
 *
 * Node takes most of a short program's time to find and link hundreds of modules. `npm run build` does this
 * after the compiler; `node scripts/bundle.ts APP FOLDER` makes a copy of an app as npm would install it.
 */
import { cpSync, existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { isMain, repository } from "./internal/report.ts"

/** What starts in each, as a program or a thread. `tour` is no bundle: it shows its sources. */
const entries: Readonly<Record<string, ReadonlyArray<string>>> = {
  "demo-site": ["main"],
  "file-writer": ["main"],
  scraper: ["main", "BenchSite"]
}

/** Bundles the apps of the tree under `root`, as far as they are there. */
export const bundle = async (root: string): Promise<void> => {
  for (const [app, names] of Object.entries(entries)) {
    const folder = join(root, "apps", app)
    if (existsSync(folder)) await write(folder, names, join(folder, "dist"))
  }
}

const write = async (folder: string, names: ReadonlyArray<string>, dist: string): Promise<void> => {
  const build = await rolldown({
    input: Object.fromEntries(names.map((name) => [name, join(folder, `src/${name}.ts`)])),
    platform: "node",
    resolve: { conditionNames: ["@fibra/source", "node", "import"] }
  })
  try {
    // Chunks stay beside `main.js`: what looks for `../package.json` finds it from each of them.
    await build.write({ dir: dist, format: "esm", chunkFileNames: "[name]-[hash].js" })
  } finally {
    await build.close()
  }
}

/** Makes a copy of an app as npm would install it. */
export const install = async (app: string, target: string): Promise<void> => {
  const folder = join(repository, "apps", app)
  rmSync(target, { recursive: true, force: true })
  for (const part of ["bin", "package.json"]) {
    cpSync(join(folder, part), join(target, part), { recursive: true })
  }
  await write(folder, entries[app] ?? ["main"], join(target, "dist"))
}

if (isMain(import.meta.url)) {
  const [app, target] = process.argv.slice(2)
  await (app === undefined || target === undefined ? bundle(repository) : install(app, target))
}
