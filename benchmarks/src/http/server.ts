/** Starts the server of these workloads once in each process. */
import { spawn } from "node:child_process"
import type { Socket } from "node:net"
import { fileURLToPath } from "node:url"

let started: Promise<string> | undefined

/** The origin of the server. It does not keep this process alive, and ends with it. */
export const origin = (): Promise<string> =>
  (started ??= new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL("server.bench.ts", import.meta.url))
    const child = spawn(process.execPath, [path], { stdio: ["pipe", "pipe", "inherit"] })
    child.on("error", reject)
    child.stdout.once("data", (port: Buffer) => {
      child.unref()
      for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as Socket).unref()
      resolve(`http://127.0.0.1:${Number(port)}`)
    })
  }))
