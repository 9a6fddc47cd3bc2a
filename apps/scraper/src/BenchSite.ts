/** A site on 127.0.0.1 for `scraper bench`, on a thread of its own so that its cost can be told apart. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { isMainThread, parentPort, workerData } from "node:worker_threads"

export interface Size {
  readonly pages: number
  /** Bytes of each page, about. */
  readonly pageBytes: number
}

/** What the thread tells: first the origin, then its answer to each question. */
export type Told =
  | { readonly origin: string }
  | { readonly requests: number; readonly cpuMicros: number }

const words = "lorem ipsum dolor sit amet consectetur adipiscing elit "

/** Page 0 is the root. A page links to its children of a tree with 16 branches, and to four others. */
const pageOf = (index: number, { pageBytes, pages }: Size): string => {
  const child = Array.from({ length: 16 }, (_, branch) => index * 16 + branch + 1)
  const other = Array.from({ length: 4 }, (_, step) => (index * 7 + step * 131 + 1) % pages)
  const links = [...child.filter((target) => target < pages), ...other]
    .map((target) => `<li><a href="${target === 0 ? "/" : `/page/${target}`}">page ${target}</a>`)
    .join("")
  const head = `<!doctype html><title>Page ${index}</title><h1>Page ${index}</h1><p class=price>${index}.50</p><ul>${links}</ul>`
  return `${head}<p>${words.repeat(Math.max(0, Math.ceil((pageBytes - head.length) / words.length)))}`
}

const serve = (
  size: Size,
  tell: (told: Told) => void,
  onQuestion: (answer: () => void) => void
) => {
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    const path = request.url!
    const index = path === "/" ? 0 : Number(/^\/page\/(\d+)$/.exec(path)?.[1])
    if (!(index < size.pages)) return void response.writeHead(404).end()
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(pageOf(index, size))
  })
  server.listen(0, "127.0.0.1", () => {
    tell({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
  })
  onQuestion(() => {
    const { system, user } = process.threadCpuUsage()
    tell({ requests, cpuMicros: user + system })
  })
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort
  serve(
    workerData as Size,
    (told) => port.postMessage(told),
    (answer) => port.on("message", answer)
  )
}
