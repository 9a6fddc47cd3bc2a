import { assert, describe, it } from "@effect/vitest"
import * as Books from "../src/Books.ts"
import * as Robots from "../src/Robots.ts"
import * as Shop from "../src/Shop.ts"

const origin = "http://127.0.0.1:8080"
const make = (seed: number, books = 60) => Shop.make({ origin, seed, books })

const bytesOf = (shop: Shop.Shop) =>
  Array.from(shop.pages.values(), (page) => ({ path: page.path, ...page.answer() }))

describe("Shop", () => {
  it("gives the same bytes for the same seed, in whatever order pages are made", () => {
    const backwards = bytesOf(make(7)).toReversed()
    assert.deepStrictEqual(bytesOf(make(7)), backwards.toReversed())
    const shop = make(7)
    const again = Array.from(shop.pages.keys()).toReversed()
    for (const path of again) shop.pages.get(path)!.answer()
    assert.deepStrictEqual(bytesOf(shop), bytesOf(make(7)))
  })

  it("gives other books for another seed", () => {
    const titles = (seed: number) => make(seed).truth.books.map((book) => book.title)
    assert.notDeepEqual(titles(1), titles(2))
  })

  it.each([Books.countMin, 60, 2000])(
    "makes exactly %d allowed books with paths of their own",
    (count) => {
      const { truth } = make(3, count)
      assert.strictEqual(truth.books.length, count)
      assert.strictEqual(new Set(truth.books.map((book) => book.path)).size, count)
    }
  )

  it.each([Books.countMin - 1, Books.countMax + 1, 40.5, Number.NaN])(
    "cannot have %d books",
    (count) => {
      assert.throws(() => make(1, count), "A shop has from 40 to 10000 books")
    }
  )

  it("forbids by robots.txt what the truth calls disallowed, and nothing else", () => {
    for (const page of make(1).pages.values()) {
      assert.strictEqual(Robots.isAllowed(page.path, "x"), page.kind !== "disallowed", page.path)
    }
  })

  it("has a price with two decimals and a stock for each book", () => {
    for (const { price, stock } of make(1).truth.books) {
      assert.match(price, /^£\d+\.\d\d$/)
      assert.match(stock, /^(In stock \(\d+ available\)|Out of stock)$/)
    }
  })
})
