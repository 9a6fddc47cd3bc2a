import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { Effect } from "effect"
import { inject } from "vitest"

const bin = inject("bin")
// The first line of the program names its Node, and how that is started.
const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`
const env = { ...process.env, PATH, NODE_COMPILE_CACHE: inject("compileCache") }

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly kill: (signal: NodeJS.Signals) => void
  /** Most memory that the program has held so far, in bytes. */
  readonly peakBytes: () => number
  readonly ended: Promise<Ended>
}

/** Starts the real program; it is killed if the test ends first. Its stdout is read by the test. */
export const start = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync((): Running => {
      const child = spawn(bin, args, { env })
      let stderr = ""
      child.stderr.on("data", (chunk) => (stderr += chunk))
      // A program that ends early leaves its input unread.
      child.stdin.on("error", () => {})
      const ended = new Promise<Ended>((resolve) => {
        child.on("close", (code) => resolve({ code, stdout: "", stderr }))
      })
      const { stdin, stdout } = child
      const peakBytes = () => {
        const status = readFileSync(`/proc/${child.pid}/status`, "utf8")
        return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) * 1024
      }
      return { stdin, stdout, ended, peakBytes, kill: (signal) => void child.kill(signal) }
    }),
    (running) =>
      Effect.promise(() => {
        running.kill("SIGKILL")
        running.stdout.resume()
        return running.ended
      })
  )

/** Runs the real program on an input, to its end. */
export const run = (input: string | Uint8Array, ...args: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.flatMap(start(...args), ({ ended, stdin, stdout }) =>
      Effect.promise(async () => {
        stdin.end(input)
        const chunks = await stdout.toArray()
        return { ...(await ended), stdout: Buffer.concat(chunks).toString() }
      })
    )
  )

const inShell = (script: string) => `program() { '${bin}' "$@"; }; ${script}`

/** `onStdout` is told all of stdout, each time there is more of it. */
const runCommand = (
  command: string,
  args: ReadonlyArray<string>,
  onStdout: (stdout: string) => void = () => {}
) =>
  Effect.callback<Ended>((resume) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env })
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (chunk) => onStdout((stdout += chunk)))
    child.stderr.on("data", (chunk) => (stderr += chunk))
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => void child.kill())
  })

/** Runs a line of bash in which `program` is the real program. */
export const shell = (script: string) => runCommand("bash", ["-c", inShell(script)])

/** The same on a pseudo-terminal of 120 columns (util-linux `script`); stdout is what it shows. */
export const onTerminal = (script: string, onStdout: (stdout: string) => void) =>
  Effect.gen(function* () {
    const file = join(yield* temporaryDirectory, "script.sh")
    writeFileSync(file, `stty cols 120 rows 24; ${inShell(script)}`)
    return yield* runCommand("script", ["-qec", `bash '${file}'`, "/dev/null"], onStdout)
  })

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "file-writer-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)
