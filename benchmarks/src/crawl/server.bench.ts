/**
 * The process of the site: written for speed, so that the client is what is measured.
 *
 * It knows as much HTTP as the contenders need: GET, one request after the other on a connection. It
 * ends with its standard input, so that it never outlives the benchmark.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net"
import { htmlOf, pageAt, robots, type Site } from "./site.ts"

/** What the server has seen, at `/__stats`. */
export interface Stats {
  /** Requests of any kind, except those for statistics. */
  readonly requests: number
  readonly robots: number
  /** Requests for what robots.txt forbids. */
  readonly forbidden: number
  /** Requests for pages, and how many different ones these were. */
  readonly pages: number
  readonly distinct: number
  /** For each host: pages that were asked for, and the shortest pause between two of them. */
  readonly hosts: Readonly<Record<string, HostStats>>
}

export interface HostStats {
  readonly pages: number
  readonly pauseMinMillis: number
}

const site = JSON.parse(process.argv[2]!) as Site
const hosts = site.hosts ?? ["127.0.0.1"]
/** Larger sites are made page by page, so as not to hold gigabytes. */
const keptMax = 5_000

const responseOf = (status: string, type: string, body: string, extra = ""): Buffer => {
  const length = Buffer.byteLength(body)
  const head = `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n${extra}\r\n`
  return Buffer.from(head + body)
}
const pageOf = (page: number) =>
  responseOf("200 OK", "text/html; charset=utf-8", htmlOf(site, page))
const kept =
  site.pages <= keptMax ? Array.from({ length: site.pages }, (_, page) => pageOf(page)) : undefined
const robotsResponse = responseOf("200 OK", "text/plain", robots)
const notFound = responseOf("404 Not Found", "text/plain", "not found")

const seen = { requests: 0, robots: 0, forbidden: 0, pages: 0, distinct: 0 }
const visited = new Set<string>()
const perHost = new Map<string, { pages: number; lastMillis: number; pauseMinMillis: number }>()
let waiting: Array<{ readonly pages: number; readonly wake: () => void }> = []

const json = (value: unknown) => responseOf("200 OK", "application/json", JSON.stringify(value))

const notePage = (host: string, path: string) => {
  seen.pages += 1
  visited.add(hosts.length === 1 ? path : host + path)
  if (waiting.length > 0) {
    const due = waiting.filter(({ pages }) => pages <= seen.pages)
    waiting = waiting.filter(({ pages }) => pages > seen.pages)
    for (const { wake } of due) wake()
  }
  const now = performance.now()
  const known = perHost.get(host)
  const pause = known === undefined ? Infinity : now - known.lastMillis
  perHost.set(host, {
    pages: (known?.pages ?? 0) + 1,
    lastMillis: now,
    pauseMinMillis: Math.min(known?.pauseMinMillis ?? Infinity, pause)
  })
}

const statistics = () =>
  json({ ...seen, distinct: visited.size, hosts: Object.fromEntries(perHost) } satisfies Stats)

/** `/__wait/N` is answered when N pages have been asked for. */
const answer = (path: string, host: string, send: (response: Buffer) => void): void => {
  if (path === "/__stats") return send(statistics())
  if (path.startsWith("/__wait/")) {
    const pages = Number(path.slice("/__wait/".length))
    const wake = () => send(json({}))
    return seen.pages >= pages ? wake() : void waiting.push({ pages, wake })
  }
  seen.requests += 1
  const response = contentOf(path, host)
  if (site.latencyMillis === 0) return send(response)
  setTimeout(() => send(response), site.latencyMillis)
}

const contentOf = (path: string, host: string): Buffer => {
  const page = pageAt(site, path)
  if (page !== undefined) {
    notePage(host, path)
    return kept?.[page] ?? pageOf(page)
  }
  if (path === "/robots.txt") {
    seen.robots += 1
    return robotsResponse
  }
  if (path.startsWith("/private/")) seen.forbidden += 1
  return notFound
}

const connected = (host: string) => (socket: Socket) => {
  let text = ""
  socket.setNoDelay(true)
  socket.on("error", () => socket.destroy())
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1")
    for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
      const head = text.slice(0, end)
      text = text.slice(end + 4)
      const isLast = head.includes("\nConnection: close") || head.includes("\nconnection: close")
      answer(head.slice(4, head.indexOf(" ", 4)), host, (response) => {
        if (socket.destroyed) return
        if (isLast) socket.end(response)
        else socket.write(response)
      })
    }
  })
}

const listen = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(connected(host))
    server.on("error", reject)
    server.listen(port, host, () => resolve(server))
  })

const [firstHost, ...otherHosts] = hosts
const { port } = (await listen(firstHost!, 0)).address() as AddressInfo
for (const host of otherHosts) await listen(host, port)
process.stdin.on("end", () => process.exit()).resume()
console.log(port)
