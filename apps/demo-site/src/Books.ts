/**
 * The stock of the shop: books with unique titles and paths, made from a seed.
 *
 * A few books have a role: how their page is sent, or what alone leads to them. A crawler that
 * misses or garbles one of these has a fault that the role names.
 */
import { Data } from "effect"
import * as Prng from "./Prng.ts"
import * as Words from "./Words.ts"

/** How the page of a book is sent. */
export type Delivery =
  | "plain"
  | "gzip"
  | "deflate"
  | "br"
  | "latin1"
  | "metaCharset"
  | "byteOrderMark"
  | "slow"
  | "messy"

/** What leads to a book: the catalogue, or one special page only. */
type Entrance = "catalogue" | "brokenHtml" | "redirect" | "allowRule" | "baseHref"

export interface Book {
  readonly id: number
  /** Canonical path: upper-case escapes, nothing escaped that need not be. */
  readonly path: string
  readonly title: string
  readonly author: string
  readonly category: string
  /** As on the page: `£12.34`. */
  readonly price: string
  /** As on the page: `In stock (7 available)` or `Out of stock`. */
  readonly stock: string
  readonly delivery: Delivery
  readonly entrance: Entrance
}

export interface Books {
  /** Every book that robots.txt allows, each reachable by links from the home page. */
  readonly allowed: ReadonlyArray<Book>
  /** Those of `allowed` that are in the catalogue, in its order. */
  readonly listed: ReadonlyArray<Book>
  /** Books that robots.txt forbids, though ordinary pages link to them. */
  readonly restricted: ReadonlyArray<Book>
  /** The one book that only `entrance` leads to. */
  readonly behind: (entrance: Exclude<Entrance, "catalogue">) => Book
}

/** The fewest books a shop can have: room for every role and two catalogue pages. */
export const countMin = 40
/** The most; the memory of the shop grows with it. */
export const countMax = 10_000

const restrictedCount = 8

const roles: ReadonlyArray<readonly [Delivery, Entrance]> = [
  ["gzip", "catalogue"],
  ["latin1", "catalogue"],
  ["plain", "brokenHtml"],
  ["deflate", "catalogue"],
  ["metaCharset", "catalogue"],
  ["plain", "redirect"],
  ["br", "catalogue"],
  ["slow", "catalogue"],
  ["plain", "allowRule"],
  ["gzip", "catalogue"],
  ["byteOrderMark", "catalogue"],
  ["plain", "baseHref"],
  ["messy", "catalogue"],
  ["latin1", "catalogue"]
]

/** Defect: a shop of this size cannot be made. */
class CountOutOfRange extends Data.TaggedError("CountOutOfRange")<{
  readonly count: number
}> {
  override get message(): string {
    return `A shop has from ${countMin} to ${countMax} books, not ${this.count}.`
  }
}

/** Makes `count` allowed books and a few restricted ones; equal arguments give equal books. */
export const make = (options: { readonly seed: number; readonly count: number }): Books => {
  const { count } = options
  if (!(Number.isInteger(count) && count >= countMin && count <= countMax)) {
    throw new CountOutOfRange({ count })
  }
  const prng = Prng.make("books", options.seed)
  const taken = new Set<string>()
  // Roles are spread evenly over the ids, so that a crawl meets them early and late.
  const roleOf = new Map(
    roles.map((role, index) => [Math.floor(((index + 0.5) * count) / roles.length), role])
  )
  const make = (id: number, restricted: boolean): Book => {
    const [delivery, entrance] = (restricted ? undefined : roleOf.get(id)) ?? ["plain", "catalogue"]
    const title = uniqueTitle(prng, delivery, taken)
    const available = prng.onceIn(6) ? 0 : 1 + prng.int(24)
    return {
      id,
      path: `/books/${restricted ? "restricted-" : ""}${slug(title)}.html`,
      title,
      author: `${prng.pick(Words.firstNames)} ${prng.pick(Words.lastNames)}`,
      category: prng.pick(Words.categories),
      price: `£${3 + prng.int(56)}.${String(prng.int(100)).padStart(2, "0")}`,
      stock: available === 0 ? "Out of stock" : `In stock (${available} available)`,
      delivery,
      entrance
    }
  }
  const allowed = Array.from({ length: count }, (_, id) => make(id, false))
  const restricted = Array.from({ length: restrictedCount }, (_, id) => make(id, true))
  return {
    allowed,
    listed: allowed.filter((book) => book.entrance === "catalogue"),
    restricted,
    behind: (entrance) => allowed.find((book) => book.entrance === entrance)!
  }
}

/** The last part of a path for a title: lower case, words joined by `-`, the rest escaped. */
export const slug = (title: string): string =>
  encodeURIComponent(
    title
      .toLowerCase()
      .replaceAll("'", "")
      .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
      .replaceAll(/^-|-$/g, "")
  )

const uniqueTitle = (prng: Prng.Prng, delivery: Delivery, taken: Set<string>): string => {
  const base = titleFor(prng, delivery)
  let title = base
  for (let volume = 2; taken.has(slug(title)); volume++) title = `${base}, Volume ${volume}`
  taken.add(slug(title))
  return title
}

const titleFor = (prng: Prng.Prng, delivery: Delivery): string => {
  if (delivery === "latin1" || delivery === "metaCharset") return prng.pick(Words.latinTitles)
  if (delivery === "byteOrderMark" || prng.onceIn(40)) return prng.pick(Words.worldTitles)
  const adjective = prng.pick(Words.adjectives)
  const [noun, other] = [prng.pick(Words.nouns), prng.pick(Words.nouns)]
  const place = prng.pick(Words.places)
  switch (prng.int(6)) {
    case 0:
      return `The ${adjective} ${noun}`
    case 1:
      return `${noun} & ${other}`
    case 2:
      return `A ${noun} in ${place}`
    case 3:
      return `The ${noun}'s ${other}`
    case 4:
      return `${adjective} ${noun}, ${adjective} ${other}`
    default:
      return `The ${adjective} ${noun} of ${place}`
  }
}
