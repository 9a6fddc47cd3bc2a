/** What the numbers depend on: the machine, the versions, the state of the repository. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import os from "node:os"
import { fileURLToPath } from "node:url"
import type { ErlangVersion } from "./erlang.ts"
import type { PythonVersion } from "./python.ts"
import type { Runtimes } from "./workload.ts"

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly os: string
  /** Processes that were busy in the minute before the start, on average: noise, if not near 0. */
  readonly load: number
  readonly node: string
  /** The exact versions of what is compared. */
  readonly packages: Readonly<Record<string, string>>
  readonly pythons: ReadonlyArray<PythonVersion>
  readonly erlang: ErlangVersion | null
  readonly commit: string
  readonly command: string
}

export const describeMachine = ({ erlang, pythons }: Runtimes): Machine => ({
  cpu: os.cpus()[0]?.model.trim() ?? "unknown",
  cores: os.availableParallelism(),
  memoryBytes: os.totalmem(),
  os: `${os.type()} ${os.release()} ${os.arch()}`,
  load: os.loadavg()[0]!,
  node: process.version,
  packages: dependencies(),
  pythons,
  erlang: erlang ?? null,
  commit: commit(),
  command: `npm run bench -- ${process.argv.slice(2).join(" ")}`
})

const folder = fileURLToPath(new URL("..", import.meta.url))

const dependencies = () => {
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  return manifest.dependencies
}

const commit = () => {
  try {
    const git = (...args: ReadonlyArray<string>) =>
      execFileSync("git", args, {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"]
      })
    const changes =
      git("status", "--porcelain", "--untracked-files=no") === "" ? "" : ", with changes"
    return git("rev-parse", "--short", "HEAD").trim() + changes
  } catch {
    return "unknown"
  }
}
