import { assert, describe, it } from "@effect/vitest"
import * as Robots from "../src/Robots.ts"

const allowed = (path: string, agent = "scraper/1.0") => Robots.isAllowed(path, agent)

describe("Robots", () => {
  it("the longest rule wins, whether it allows or forbids", () => {
    assert.isFalse(allowed("/private/stock.html"))
    assert.isTrue(allowed("/private/press/"))
    assert.isTrue(allowed("/privateer.html"))
    assert.isTrue(allowed("/books/x.html"))
    assert.isFalse(allowed("/books/restricted-x.html"))
  })

  it("a star matches anything and a dollar the end", () => {
    assert.isFalse(allowed("/catalogue/page-1.html?sort=price"))
    assert.isTrue(allowed("/catalogue/page-1.html?page=2"))
    assert.isFalse(allowed("/files/catalogue.zip"))
    assert.isTrue(allowed("/files/catalogue.zip.txt"))
  })

  it("one agent has a group of its own, in which only robots.txt is allowed", () => {
    assert.isFalse(allowed("/", "Mozilla/5.0 (compatible; greedybot/2.1)"))
    assert.isTrue(allowed("/robots.txt", "GreedyBot"))
  })
})
