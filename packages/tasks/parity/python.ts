/** Finds a Python that has asyncio as the rules describe it, and runs scenarios with it. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Rule } from "./rules.ts"
import { linesOf, type Trace } from "./traces.ts"

export interface Python {
  readonly command: string
  /** For example `3.13.0`. */
  readonly version: string
}

const commands = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "/usr/bin/python3"
]

const printVersion = ["-c", "import platform; print(platform.python_version())"]

/** The newest Python of the search path, if one is 3.11 or newer. */
export const find = async (): Promise<Python | undefined> =>
  newest(
    await Promise.all(
      commands.map(async (command) => {
        const { output, status } = await run(command, printVersion)
        return { command, version: status === 0 ? output.trim() : "0" }
      })
    )
  )

/** The newest of them, if that is 3.11 or newer. */
export const newest = (found: ReadonlyArray<Python>): Python | undefined =>
  found
    .filter(({ version }) => isAtLeast(version, "3.11"))
    .toSorted((a, b) => (isAtLeast(a.version, b.version) ? -1 : 1))[0]

/** Whether this Python keeps a rule: some came with a newer one. */
export const keeps = ({ version }: Python, { since }: Pick<Rule, "since">): boolean =>
  since === undefined || isAtLeast(version, since)

const isAtLeast = (version: string, least: string): boolean =>
  version.localeCompare(least, "en", { numeric: true }) >= 0

/** What the Python program of a rule prints. */
export const trace = (python: Python, name: string): Promise<Trace> =>
  traceOf(python, new URL(`rules/${name}.py`, import.meta.url))

/** What a Python program prints; a crash is part of it. */
export const traceOf = async (python: Python, file: URL): Promise<Trace> => {
  const program = fileURLToPath(file)
  const { errors, output, status } = await run(python.command, [program])
  return linesOf(status === 0 ? output : `${output}${errors}exit code: ${status}`)
}

const run = (command: string, args: ReadonlyArray<string>) =>
  new Promise<{ output: string; errors: string; status: number }>((resolve) => {
    execFile(command, args, { timeout: 20_000 }, (error, output, errors) =>
      resolve({ output, errors, status: error === null ? 0 : Number(error.code) || 1 })
    )
  })
