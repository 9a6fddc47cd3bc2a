/**
 * A site of 500 real pages in the middle of traps: what a crawl must find, and what it must leave.
 *
 * Every page is a function of its path and query, except that links into `/guide/` carry a new visit
 * number on each view.
 */
import { Effect, type Scope } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

type Place =
  | "real"
  | "calendar"
  | "filters"
  | "maze"
  | "redirects"
  | "soft 404"
  | "robots"
  | "no page"

interface Answer {
  readonly status: number
  readonly location?: string
  readonly html: string
}

interface Score {
  /** Real pages that were asked for, of `realPages`. */
  readonly found: number
  /** Requests that brought nothing: traps, and real pages asked for again. */
  readonly wasted: number
  readonly wastedBy: Readonly<Record<string, number>>
  readonly requests: number
}

export interface TrapSite {
  readonly origin: string
  /** Paths with queries in the order of their requests. */
  readonly log: ReadonlyArray<string>
  score(): Score
}

const items = 426
const categories = 10
const listPages = 2
const guides = 50
/** Where the traps begin: a reader would want to see these. */
const entrances = ["/calendar/2024/5", "/shop", "/maze/"]
/** The home page, the lists, the items, the guides, and the entrances of the traps. */
export const realPages = 1 + categories * listPages + items + guides + entrances.length

/** Answers requests for paths with queries; each call of `pages` starts a new count of visits. */
export const pages = (): ((target: string) => Answer) => {
  let visits = 0
  return (target) => {
    visits += 1
    const url = new URL(target, "http://trap.example")
    const found = route(url, visits)
    if (found === undefined) return { status: 404, html: page("Nothing here", "", []) }
    return found
  }
}

/** Which part of the site a request is for. */
const placeOf = (target: string): Place => {
  const { pathname } = new URL(target, "http://trap.example")
  if (pathname === "/robots.txt") return "robots"
  if (realName(target) !== undefined) return "real"
  if (pathname.startsWith("/calendar/")) return "calendar"
  if (pathname === "/shop") return "filters"
  if (pathname.startsWith("/maze/")) return "maze"
  if (pathname.startsWith("/go/")) return "redirects"
  if (pathname.startsWith("/archive/")) return "soft 404"
  return "no page"
}

/** One name for each real page, whatever its visit number. */
const realName = (target: string): string | undefined => {
  const url = new URL(target, "http://trap.example")
  const number = Number(/\d+$/.exec(url.pathname)?.[0])
  if (url.pathname === "/") return "/"
  if (entrances.includes(url.pathname + url.search)) return url.pathname
  if (/^\/item\/\d+$/.test(url.pathname) && number <= items) return url.pathname
  if (/^\/guide\/\d+$/.test(url.pathname) && number <= guides) return url.pathname
  if (/^\/category\/\d+$/.test(url.pathname) && number <= categories) {
    return `${url.pathname}?page=${url.searchParams.get("page") ?? 1}`
  }
  return undefined
}

/** What a list of requests was worth. */
export const scoreOf = (log: ReadonlyArray<string>): Score => {
  const found = new Set<string>()
  const wastedBy: Record<string, number> = {}
  for (const target of log) {
    const place = placeOf(target)
    const name = realName(target)
    if (place === "robots") continue
    if (name !== undefined && !found.has(name)) found.add(name)
    else {
      const kind = name === undefined ? place : "again"
      wastedBy[kind] = (wastedBy[kind] ?? 0) + 1
    }
  }
  const wasted = Object.values(wastedBy).reduce((sum, count) => sum + count, 0)
  return { found: found.size, wasted, wastedBy, requests: found.size + wasted }
}

/** The site on a real port of 127.0.0.1. */
export const serveTrapSite: Effect.Effect<TrapSite, never, Scope.Scope> = Effect.acquireRelease(
  Effect.callback<TrapSite & { close(): void }>((resume) => {
    const log: Array<string> = []
    const answer = pages()
    const server = createServer((request, response) => {
      log.push(request.url!)
      const { html, location, status } = answer(request.url!)
      if (location !== undefined) response.setHeader("location", location)
      response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(html)
    })
    server.listen(0, "127.0.0.1", () => {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      resume(Effect.succeed({ origin, log, score: () => scoreOf(log), close }))
    })
  }),
  (site) => Effect.sync(() => site.close())
)

const route = (url: URL, visit: number): Answer | undefined => {
  const [, place, ...rest] = url.pathname.split("/")
  const number = Number(rest[0])
  if (url.pathname === "/") return ok(home(visit))
  if (realName(url.pathname + url.search) !== undefined) {
    if (place === "category") return list(number, Number(url.searchParams.get("page") ?? 1), visit)
    if (place === "item") return ok(item(number, visit))
    if (place === "guide") return ok(guide(number, visit))
  }
  if (place === "calendar") return ok(calendar(number, Number(rest[1]), rest[2]))
  if (place === "shop") return ok(filters(url.searchParams))
  if (place === "maze") return ok(page("Maze", prose(7, 40), ["a/b/"]))
  if (place === "go") return redirect(number === 1 ? "/go/2" : "/go/1")
  if (place === "archive") return ok(page("Sorry", `${notFound} ${url.pathname}. ${terms}`, ["/"]))
  return undefined
}

const ok = (html: string): Answer => ({ status: 200, html })
const redirect = (location: string): Answer => ({ status: 302, location, html: "" })

const notFound =
  "We looked everywhere, but what you asked for is not with us any more, or it never was. " +
  "Please go back to where you came from, or start again at the entrance of our house, where a list " +
  "of all that we have to offer is waiting for you. You asked for"

const traps = [...entrances, "/go/1"]
const to = <A>(count: number, make: (n: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, index) => make(index + 1))
const guideLinks = (from: number, visit: number) =>
  to(10, (n) => `/guide/${((from + n - 1) % guides) + 1}?visit=k${visit}x${n}`)

const home = (visit: number): string =>
  page("House of things", prose(1, 60), [
    ...to(categories, (n) => `/category/${n}?page=1`),
    ...guideLinks(0, visit),
    ...traps
  ])

const list = (number: number, at: number, visit: number): Answer | undefined => {
  if (at > listPages || !(at >= 1)) return undefined
  const each = Math.ceil(items / (categories * listPages))
  const first = ((number - 1) * listPages + at - 1) * each
  const links = to(each, (n) => first + n).filter((n) => n <= items)
  return ok(
    page(`Things of kind ${number}, ${at}`, prose(number * 100 + at, 20), [
      ...links.map((n) => `/item/${n}`),
      ...to(listPages, (n) => `/category/${number}?page=${n}`),
      ...guideLinks(number, visit)
    ])
  )
}

const item = (number: number, visit: number): string =>
  page(`Thing ${number}`, `${terms} ${prose(number + 10_000, 40)}`, [
    `/item/${(number % items) + 1}`,
    `/archive/${number}.html`,
    `/archive/${number + items}.html`,
    ...guideLinks(number, visit).slice(0, 2),
    ...traps
  ])

const guide = (number: number, visit: number): string =>
  page(`Guide ${number}`, `${terms} ${prose(number + 20_000, 50)}`, [
    ...guideLinks(number, visit),
    "/"
  ])

const calendar = (year: number, month: number, day: string | undefined): string => {
  const at = new Date(Date.UTC(year, month - 1, 15))
  const path = (offset: number) => {
    const other = new Date(Date.UTC(year, month - 1 + offset, 15))
    return `/calendar/${other.getUTCFullYear()}/${other.getUTCMonth() + 1}`
  }
  const title = at.toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" })
  return page(day === undefined ? title : `${day} ${title}`, `${noEvents} ${terms}`, [
    path(-1),
    path(1),
    ...to(28, (n) => `${path(0)}/${n}`)
  ])
}

const noEvents =
  "There are no events yet. Would you like to be told when there are? Leave us your address, and a " +
  "letter will come to you in the morning of the day before, with all that you need to know."

const facets = ["colour", "size", "brand", "sort", "view"]

/** Each page links to each value of each filter: 5 to the power of 5 pages of the same few things. */
const filters = (chosen: URLSearchParams): string => {
  const links = facets.flatMap((facet) =>
    to(4, (n) => {
      const next = new URLSearchParams(chosen)
      next.set(facet, String(n))
      return `/shop?${next.toString().replaceAll("&", "&amp;")}`
    })
  )
  const shown = facets.reduce((sum, facet) => sum + Number(chosen.get(facet) ?? 0), 0)
  return page("Shop", terms, [
    ...links,
    ...to(12, (n) => `/item/${((shown * 7 + n * 3) % items) + 1}`)
  ])
}

const terms =
  "All prices are with tax and without the cost of sending. Orders that reach us before noon leave the " +
  "house on the same day. What you do not like may come back within thirty days, and we pay you all of " +
  "it. Questions are answered from eight to six by people who know the things that they sell."

const page = (title: string, text: string, links: ReadonlyArray<string>): string =>
  `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p><ul>
${links.map((link) => `<li><a href="${link}">${link.split("?")[0]}</a></li>`).join("\n")}</ul></body></html>`

const vowels = "aeiou"
const consonants = "bdfgklmnprstvz"

/** Words that only the page with this number has. */
const prose = (number: number, words: number): string => {
  let state = number * 2654435761 + 1
  const next = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 16) % bound
  }
  const syllable = () => consonants[next(consonants.length)]! + vowels[next(vowels.length)]!
  return to(words, () => syllable() + syllable() + (next(2) === 0 ? syllable() : "")).join(" ")
}
