/** A site of many equal pages, each of which is found through many others, and that counts its requests. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Effect } from "effect"
import { serve } from "./program.ts"

interface LargeSite {
  readonly origin: string
  /** The URL of each page, in order. */
  readonly urls: ReadonlyArray<string>
  /** Paths in the order of their requests. */
  readonly log: ReadonlyArray<string>
  /** Calls back once when so many more requests have come. */
  readonly after: (requests: number, then: () => void) => void
}

const words = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor".split(
  " "
)

/** Pages of their own: what is nearly the same on all of them would look like a trap. */
const textOf = (index: number): string =>
  Array.from({ length: 150 }, (_, at) => {
    const word = words[(index * 31 + at * at * 7) % words.length]!
    return at % 5 === 0 ? `${word}${(index * 17 + at) % 1000}` : word
  }).join(" ")

/** Page 0 is the root. A page links to its children of a tree with 20 branches, and to some others. */
const pageOf = (index: number, total: number): string => {
  const child = Array.from({ length: 20 }, (_, branch) => index * 20 + branch + 1)
  const other = Array.from({ length: 10 }, (_, step) => (index * 7 + step * 131) % total)
  const links = [...child.filter((target) => target < total), ...other]
  const list = links.map((target) => `<li><a href="${pathOf(target)}">page ${target}</a>`).join("")
  return `<!doctype html><title>Page ${index}</title><h1>Page ${index}</h1><p class=price>${index}</p><ul>${list}</ul><p>${textOf(index)}`
}

const pathOf = (index: number) => (index === 0 ? "/" : `/pages/${index}.html`)

export const serveLarge = Effect.fnUntraced(function* (total: number, delayMillis = 0) {
  const log: Array<string> = []
  let left = Infinity
  let then = () => {}
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!
    log.push(path)
    if (--left === 0) then()
    const index = path === "/" ? 0 : Number(/^\/pages\/(\d+)\.html$/.exec(path)?.[1])
    if (!(index < total)) return void response.writeHead(404).end()
    const send = () =>
      response.writeHead(200, { "content-type": "text/html" }).end(pageOf(index, total))
    if (delayMillis === 0) send()
    else setTimeout(send, delayMillis)
  }
  const origin = yield* serve(answer)
  const urls = Array.from({ length: total }, (_, index) => origin + pathOf(index))
  const after = (requests: number, callback: () => void) => {
    left = requests
    then = callback
  }
  return { origin, urls, log, after } satisfies LargeSite
})
