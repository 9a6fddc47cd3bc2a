/** Runs a whole program, and measures it from outside: from its start to its end, with its children. */
import { spawn } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import type { Resources } from "../workload.ts"
import { makeFolder } from "./scratch.ts"

export interface Command {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Ended {
  /** None: it was killed. */
  readonly exitCode: number | null
  /** The error that it printed last, or else its last line on stderr. */
  readonly complaint: string
}

export interface Running {
  readonly pid: number
  readonly kill: () => void
  readonly ended: Promise<Ended>
}

const gnuTime = "/usr/bin/time"

/** Why nothing can be measured here, if so. */
export const missing = (): string | undefined =>
  process.platform === "linux" && existsSync(gnuTime) ? undefined : `GNU time (${gnuTime}) on Linux`

/** The server has the first core for itself, and the client the second one, where there are two. */
export const pinned = (core: "server" | "client", file: string, args: ReadonlyArray<string>) =>
  existsSync("/usr/bin/taskset") && availableParallelism() > 1
    ? { file: "/usr/bin/taskset", args: ["-c", core === "server" ? "0" : "1", file, ...args] }
    : { file, args }

/** A program that is still running after this time is killed, so that none is left behind. */
export const start = (
  { args, cwd, env, file }: Command,
  timeLimitSeconds: number,
  wrap: (command: { file: string; args: ReadonlyArray<string> }) => {
    file: string
    args: ReadonlyArray<string>
  } = (command) => command
): Running => {
  const wrapped = wrap({ file, args })
  const command = pinned("client", wrapped.file, wrapped.args)
  const child = spawn(command.file, command.args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    // A group of its own: whatever the program has started ends with it.
    detached: true
  })
  const kill = () => {
    try {
      process.kill(-child.pid!, "SIGKILL")
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
    }
  }
  let stderr = ""
  child.stderr.on("data", (chunk) => (stderr = (stderr + chunk).slice(-4_000)))
  const ended = new Promise<Ended>((resolve, reject) => {
    const limit = setTimeout(() => {
      kill()
      reject(new Error(`not done after ${timeLimitSeconds} s`))
    }, timeLimitSeconds * 1000)
    child.on("error", reject)
    child.on("close", (exitCode) => {
      clearTimeout(limit)
      const lines = stderr.trim().split("\n")
      const complaint = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1)!
      resolve({ exitCode, complaint })
    })
  })
  return { pid: child.pid!, kill, ended }
}

/** Runs a program to its end, and gives what it has used. */
export const measure = async (
  command: Command,
  timeLimitSeconds: number
): Promise<Ended & Resources> => {
  const folder = makeFolder()
  try {
    const path = join(folder, "time")
    const timed = ({ args, file }: { file: string; args: ReadonlyArray<string> }) => ({
      file: gnuTime,
      args: ["--quiet", "-f", "%U %S %M", "-o", path, file, ...args]
    })
    const ended = await start(command, timeLimitSeconds, timed).ended
    const [user, system, kilobytes] = readFileSync(path, "utf8").trim().split(" ").map(Number)
    return { ...ended, cpuSeconds: user! + system!, peakBytes: kilobytes! * 1024 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
