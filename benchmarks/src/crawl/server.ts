/** The site in a process of its own, for as long as somebody uses it. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { pinned } from "./program.ts"
import type { Stats } from "./server.bench.ts"
import type { Site } from "./site.ts"

export interface Server {
  /** One for each of the hosts. */
  readonly origins: ReadonlyArray<string>
  readonly stats: () => Promise<Stats>
  /** Waits until so many pages have been asked for. */
  readonly awaitPages: (pages: number) => Promise<void>
}

const entry = fileURLToPath(new URL("server.bench.ts", import.meta.url))

export const withServer = async <A>(
  site: Site,
  use: (server: Server) => Promise<A>
): Promise<A> => {
  const { args, file } = pinned("server", process.execPath, [entry, JSON.stringify(site)])
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] })
  const ended = once(child, "close")
  try {
    const answer: unknown = await Promise.race([once(child.stdout, "data"), ended])
    const port = Number(String((answer as ReadonlyArray<unknown>)[0]))
    if (!(port > 0)) throw new Error("the server of the site did not start")
    const origins = (site.hosts ?? ["127.0.0.1"]).map((host) => `http://${host}:${port}`)
    const get = async (path: string) => (await fetch(origins[0] + path)).json()
    return await use({
      origins,
      stats: async () => (await get("/__stats")) as Stats,
      awaitPages: async (pages) => void (await get(`/__wait/${pages}`))
    })
  } finally {
    child.stdin.end()
    await ended
  }
}
