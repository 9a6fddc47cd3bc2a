/** Runs programs in a process of their own, for the rules about what a whole program does. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"

export interface Ended {
  /** What it printed. */
  readonly lines: ReadonlyArray<string>
  /** What it printed on stderr. */
  readonly errors: string
  readonly exitCode: number | null
}

/** Runs `rules/NAME.program.ts` to its end; `onLine` may act on the process after each of its lines. */
export const run = (
  name: string,
  args: ReadonlyArray<string> = [],
  onLine: (child: ChildProcess) => void = () => {}
): Effect.Effect<Ended> =>
  Effect.callback((resume) => {
    const file = fileURLToPath(new URL(`rules/${name}.program.ts`, import.meta.url))
    const child = spawn(process.execPath, ["--conditions=@fibra/source", file, ...args])
    const lines: Array<string> = []
    let errors = ""
    createInterface(child.stdout).on("line", (line) => {
      lines.push(line)
      onLine(child)
    })
    child.stderr.on("data", (text) => (errors += text))
    child.on("close", (exitCode) => resume(Effect.succeed({ lines, errors, exitCode })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })
