import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Frontier from "../src/Frontier.ts"
import * as Robots from "../src/Robots.ts"

const page = (link: string, depth = 0): Frontier.Page => ({
  ...Result.getOrThrow(fromLink(link)),
  depth,
  redirectedFrom: []
})

const make = (options?: Partial<Frontier.Options>) =>
  Frontier.make({
    hosts: ["a.example", "b.example"],
    perHost: 1,
    delayMillis: 0,
    depthMax: 10,
    pagesMax: Number.POSITIVE_INFINITY,
    urlsMax: 1000,
    ...options
  })

/** Answers the robots.txt of a host with these rules. */
const open = (
  frontier: Frontier.Frontier,
  origin: string,
  options?: { readonly rules?: string; readonly delayMillis?: number }
) => {
  assert.deepStrictEqual(frontier.next(0), { _tag: "FetchRobots", origin })
  const robots = Robots.parse(options?.rules ?? "", "fibra")
  frontier.answerRobots(origin, { _tag: "Rules", robots, delayMillis: options?.delayMillis ?? 0 })
}

const take = (frontier: Frontier.Frontier, nowMillis = 0): Frontier.Page => {
  const next = frontier.next(nowMillis)
  assert(next._tag === "FetchPage", next._tag)
  return next.page
}
const done = { _tag: "Done" } as const

const assertBalanced = (frontier: Frontier.Frontier) => {
  const { discovered, done, failed, left, skipped } = frontier.counts()
  assert.strictEqual(discovered, done + failed + skipped + left)
  return frontier.counts()
}

describe("Frontier", () => {
  it("FRO1: each key is handed out once", () => {
    const frontier = make()
    for (const link of ["/x", "/x#part", "/x?utm_source=1", "/x"]) {
      frontier.add(page(`http://a.example${link}`))
    }
    open(frontier, "http://a.example")
    const first = take(frontier)
    frontier.add(page("http://a.example/x"))
    frontier.answerPage(first, done)
    frontier.add(page("http://a.example/x"))
    assert.deepStrictEqual(frontier.next(0), { _tag: "Finished" })
    assert.strictEqual(assertBalanced(frontier).discovered, 1)
  })

  it("FRO2: no page of a host before its robots.txt, and none that it forbids", () => {
    const frontier = make()
    for (const path of ["/private/1", "/open", "/private/2"]) {
      frontier.add(page(`http://a.example${path}`))
    }
    assert.strictEqual(frontier.next(0)._tag, "FetchRobots")
    assert.deepStrictEqual(frontier.next(0), { _tag: "Idle" })
    frontier.answerRobots("http://a.example", {
      _tag: "Rules",
      robots: Robots.parse("User-agent: *\nDisallow: /private", "fibra"),
      delayMillis: 0
    })
    const open = take(frontier)
    assert.strictEqual(open.key, "http://a.example/open")
    frontier.answerPage(open, done)
    assert.deepStrictEqual(frontier.next(0), { _tag: "Finished" })
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { robots: 2 })
  })

  it("FRO3: a host without rules for now is skipped, and one without an answer fails", () => {
    const frontier = make()
    frontier.add(page("http://a.example/1"))
    frontier.add(page("http://b.example/1"))
    frontier.next(0)
    frontier.next(0)
    frontier.answerRobots("http://a.example", { _tag: "Unavailable" })
    frontier.answerRobots("http://b.example", { _tag: "Unreachable", cause: "refused" })
    frontier.add(page("http://a.example/2"))
    frontier.add(page("http://b.example/2"))
    assert.deepStrictEqual(frontier.next(0), { _tag: "Finished" })
    const { failedBy, skippedBy } = assertBalanced(frontier)
    assert.deepStrictEqual(skippedBy, { "robots unavailable": 2 })
    assert.deepStrictEqual(failedBy, { refused: 2 })
  })

  it("FRO4: requests to one host start a delay apart, also after robots.txt", () => {
    const frontier = make({ delayMillis: 100, perHost: 5 })
    for (const path of ["/1", "/2", "/3"]) frontier.add(page(`http://a.example${path}`))
    open(frontier, "http://a.example", { delayMillis: 250 })
    assert.deepStrictEqual(frontier.next(0), { _tag: "WaitUntil", millis: 250 })
    take(frontier, 250)
    assert.deepStrictEqual(frontier.next(499), { _tag: "WaitUntil", millis: 500 })
    take(frontier, 500)
  })

  it("FRO5: a host gets no more requests at a time than allowed", () => {
    const frontier = make({ perHost: 2 })
    for (const path of ["/1", "/2", "/3"]) frontier.add(page(`http://a.example${path}`))
    open(frontier, "http://a.example")
    const first = take(frontier)
    take(frontier)
    assert.deepStrictEqual(frontier.next(0), { _tag: "Idle" })
    frontier.answerPage(first, done)
    assert.strictEqual(take(frontier).key, "http://a.example/3")
  })

  it("FRO6: hosts that are due take turns", () => {
    const names = [..."abcdefg"]
    const frontier = make({ perHost: 10, hosts: names.map((name) => `${name}.example`) })
    for (const name of names) {
      for (let index = 0; index < 4; index++) frontier.add(page(`http://${name}.example/${index}`))
    }
    for (const name of names) open(frontier, `http://${name}.example`)
    const order = Array.from({ length: 28 }, () => take(frontier).url.hostname[0])
    assert.strictEqual(order.join(""), "abcdefg".repeat(4))
  })

  it("FRO7: other hosts and deeper pages are skipped, until the host is allowed", () => {
    const frontier = make({ depthMax: 1 })
    frontier.add(page("http://else.example/"))
    frontier.add(page("http://a.example/deep", 2))
    frontier.allowHost("else.example")
    frontier.add(page("http://else.example/again"))
    open(frontier, "http://else.example")
    take(frontier)
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { "other host": 1, "too deep": 1 })
  })

  it("FRO8: a shorter path to a page that was too deep brings it back", () => {
    const frontier = make({ depthMax: 1 })
    frontier.add(page("http://a.example/deep", 2))
    frontier.add(page("http://a.example/deep", 1))
    frontier.add(page("http://a.example/deep", 0))
    open(frontier, "http://a.example")
    frontier.answerPage(take(frontier), done)
    assert.deepStrictEqual(frontier.next(0), { _tag: "Finished" })
    const { discovered, done: pages, skipped } = assertBalanced(frontier)
    assert.deepStrictEqual([discovered, pages, skipped], [1, 1, 0])
  })

  it("FRO9: pages that fail or redirect do not use up the bound on pages", () => {
    const frontier = make({ pagesMax: 2, perHost: 10 })
    for (let index = 0; index < 5; index++) frontier.add(page(`http://a.example/${index}`))
    open(frontier, "http://a.example")
    const [first, second] = [take(frontier), take(frontier)]
    assert.deepStrictEqual(frontier.next(0), { _tag: "Idle" })
    frontier.answerPage(first, { _tag: "Failed", cause: "status 500" })
    const third = take(frontier)
    assert.deepStrictEqual(frontier.next(0), { _tag: "Idle" })
    frontier.answerPage(second, done)
    frontier.answerPage(third, done)
    assert.deepStrictEqual(frontier.next(0), { _tag: "Finished" })
    assert.deepStrictEqual([assertBalanced(frontier).done, frontier.counts().left], [2, 2])
  })

  it("FRO10: a page that is put back is handed out again under its other URL", () => {
    const frontier = make()
    frontier.add(page("http://a.example/x"))
    open(frontier, "http://a.example")
    const first = take(frontier)
    const other = {
      ...first,
      url: new URL("http://a.example/x?utm_source=1"),
      redirectedFrom: [first.key]
    }
    frontier.answerPage(first, { _tag: "Again", page: other })
    assert.deepStrictEqual(take(frontier), other)
    assert.strictEqual(assertBalanced(frontier).discovered, 1)
  })

  it("FRO11: URLs beyond the bound are counted and not kept", () => {
    const frontier = make({ urlsMax: 2 })
    for (let index = 0; index < 5; index++) frontier.add(page(`http://a.example/${index}`))
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { "frontier full": 3 })
    assert.strictEqual(frontier.counts().left, 2)
  })

  it("FRO12: a host with many pages costs the same for each", () => {
    const frontier = make({ urlsMax: 100_000 })
    const total = 50_000
    for (let index = 0; index < total; index++) frontier.add(page(`http://a.example/${index}`))
    open(frontier, "http://a.example")
    for (let index = 0; index < total; index++) {
      const next = take(frontier)
      assert.strictEqual(next.key, `http://a.example/${index}`)
      frontier.answerPage(next, done)
    }
    assert.strictEqual(assertBalanced(frontier).done, total)
  })
})
