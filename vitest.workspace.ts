import { existsSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

// Vitest has no workspace file since version 4: this is the root configuration, one project for
// each workspace, with the condition that runs the sources unbuilt.
const members = ["packages", "apps"].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url)).map((name) => `${folder}/${name}`)
)
const roots = [...members, "scripts", "benchmarks", ".examples"].filter((root) =>
  existsSync(new URL(root, import.meta.url))
)

/** Their tests start them some hundred times: once they are installed, that is quick. */
const installed = new Set(["apps/scraper", "apps/file-writer"])
const install = fileURLToPath(new URL("scripts/installApp.ts", import.meta.url))

export default defineConfig({
  resolve: { conditions: ["@fibra/source"] },
  ssr: { resolve: { conditions: ["@fibra/source"], externalConditions: ["@fibra/source"] } },
  test: {
    // Vitest leaves a processor free by default: with two of them, one file at a time would run.
    maxWorkers: "100%",
    projects: roots.map((root) => ({
      extends: true as const,
      root: `./${root}`,
      test: {
        name: root.split("/").at(-1)!,
        globalSetup: installed.has(root) ? [install] : [],
        include: [
          "test/**/*.{test,sim}.ts",
          ...(process.env.FIBRA_SOAK === undefined ? [] : ["test/**/*.soak.ts"])
        ],
        execArgv: ["--conditions=@fibra/source"],
        // A worker goes on to the next file, and need not import Effect again: half of the time.
        isolate: false,
        testTimeout: 30_000
      }
    }))
  }
})
