import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Readable } from "node:stream"
import { Effect } from "effect"
import { inject } from "vitest"

const bin = inject("bin")
// The first line of the program names its Node, and how that is started.
const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`
const env = { ...process.env, PATH, NODE_COMPILE_CACHE: inject("compileCache") }

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  readonly stdout: Readable
  readonly kill: (signal: NodeJS.Signals) => void
  /** The most memory that it has had so far, in bytes; of Linux. Call it while the program runs. */
  readonly peakBytes: () => number
  readonly ended: Promise<Ended>
}

/** Starts the real program; it is killed if the test ends first. */
export const start = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync((): Running => {
      const child = spawn(bin, args, {
        stdio: ["ignore", "pipe", "pipe"],
        env
      })
      let [stdout, stderr] = ["", ""]
      child.stdout.on("data", (chunk) => (stdout += chunk))
      child.stderr.on("data", (chunk) => (stderr += chunk))
      const ended = new Promise<Ended>((resolve) => {
        child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
      })
      const { pid, stdout: output } = child
      const kill = (signal: NodeJS.Signals) => void child.kill(signal)
      const peakBytes = () => {
        const status = readFileSync(`/proc/${pid}/status`, "utf8")
        return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
      }
      return { pid: pid!, stdout: output, kill, peakBytes, ended }
    }),
    (running) =>
      Effect.promise(() => {
        running.kill("SIGKILL")
        return running.ended
      })
  )

/** Waits for the end of a program, and gives the most memory that it has had, but for its last moments. */
export const awaitWatched = ({ ended, peakBytes }: Running) =>
  Effect.promise(async () => {
    let peak = 0
    const watch = setInterval(() => {
      try {
        peak = Math.max(peak, peakBytes())
      } catch {
        // It has just ended.
      }
    }, 50)
    const all = await ended
    clearInterval(watch)
    return { ...all, peakBytes: peak }
  })

/** Runs the real program to its end. */
export const run = (...args: ReadonlyArray<string>) =>
  Effect.scoped(Effect.flatMap(start(...args), ({ ended }) => Effect.promise(() => ended)))

/** Runs a line of bash in which `program` is the real program; stdin is at its end. */
export const runShell = (script: string) =>
  Effect.callback<Omit<Ended, "signal">>((resume) => {
    const program = `program() { '${bin}' "$@"; }; ${script}`
    const child = spawn("bash", ["-c", program], { stdio: ["ignore", "pipe", "pipe"], env })
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (chunk) => (stdout += chunk))
    child.stderr.on("data", (chunk) => (stderr += chunk))
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => void child.kill())
  })

/** Runs the real program on a pseudo-terminal (util-linux `script`), and gives what it showed. */
export const runOnTerminal = (...args: ReadonlyArray<string>) =>
  Effect.callback<{ readonly code: number | null; readonly text: string }>((resume) => {
    const command = [bin, ...args].map((arg) => `'${arg}'`).join(" ")
    const child = spawn("script", ["-qec", `stty cols 120 rows 24; ${command}`, "/dev/null"], {
      stdio: ["ignore", "pipe", "ignore"],
      env
    })
    let text = ""
    child.stdout.on("data", (chunk) => (text += chunk))
    child.on("close", (code) => resume(Effect.succeed({ code, text })))
    return Effect.sync(() => void child.kill())
  })

export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "scraper-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A real HTTP server on a free port of 127.0.0.1, closed by the scope; gives its origin. */
export const serve = (listener: RequestListener) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer(listener)
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  )

/** A listener for a site of HTML pages; what is not listed is a 404. */
export const pages =
  (site: Record<string, string>): RequestListener =>
  (request, response) => {
    const page = site[request.url!]
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html" })
    response.end(page ?? "not found")
  }
