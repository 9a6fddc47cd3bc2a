import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { DatabaseSync } from "node:sqlite"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Frontier from "../src/Frontier.ts"
import { create } from "../src/internal/schema.ts"
import * as Store from "../src/internal/store.ts"
import * as Robots from "../src/Robots.ts"

const found = (link: string, depth = 0): Frontier.Found => ({
  ...Result.getOrThrow(fromLink(link)),
  depth,
  redirectedFrom: []
})

const makeStore = () => {
  const database = new DatabaseSync(":memory:")
  create(database)
  return Store.make(database)
}

const make = (options?: Partial<Frontier.Options> & { readonly hosts?: ReadonlyArray<string> }) => {
  const hosts = options?.hosts ?? ["a.example", "b.example"]
  const frontier: Frontier.Frontier = Frontier.make({
    store: makeStore(),
    refusalOf: ({ url }) =>
      hosts.includes(url.host) || frontier.isAdmitted(url.host)
        ? undefined
        : { reason: "other host" },
    perHost: 1,
    delayMillis: 0,
    restMillis: 1000,
    depthMax: 10,
    pagesMax: Number.POSITIVE_INFINITY,
    urlsMax: 1000,
    parseRobots: (body) => ({ robots: Robots.parse(body, "fibra"), delayMillis: 0 }),
    nowMillis: 0,
    wasKilled: false,
    ...options
  })
  return frontier
}

const add = (frontier: Frontier.Frontier, ...pages: ReadonlyArray<Frontier.Found>) =>
  frontier.commit([{ _tag: "Found", found: pages }], 0)

const answered = (nowMillis = 0) => ({ nowMillis, isAnswered: true })

const answerRobots = (
  frontier: Frontier.Frontier,
  origin: string,
  outcome: Frontier.RobotsOutcome,
  conduct: Frontier.Conduct = answered()
) => {
  frontier.answerRobots(origin, outcome, conduct)
  frontier.commit([{ _tag: "Robots", origin, outcome, found: [] }], conduct.nowMillis)
}

const answer = (
  frontier: Frontier.Frontier,
  page: Frontier.Page,
  outcome: Frontier.PageOutcome = done,
  options?: {
    readonly conduct?: Frontier.Conduct
    readonly found?: ReadonlyArray<Frontier.Found>
    readonly admits?: string
  }
) => {
  const { admits, conduct = answered(), found = [] } = options ?? {}
  frontier.answerPage(page, outcome, conduct)
  frontier.commit([{ _tag: "Page", page, outcome, found, admits }], conduct.nowMillis)
}

/** Answers the robots.txt of a host with these rules. */
const open = (
  frontier: Frontier.Frontier,
  origin: string,
  options?: { readonly rules?: string; readonly delayMillis?: number }
) => {
  assert.deepStrictEqual(frontier.next(0), { _tag: "FetchRobots", origin, attempts: 0 })
  const body = options?.rules ?? ""
  const robots = Robots.parse(body, "fibra")
  const delayMillis = options?.delayMillis ?? 0
  answerRobots(frontier, origin, { _tag: "Rules", robots, body, delayMillis, keepMillis })
}
const keepMillis = 1e9

const take = (frontier: Frontier.Frontier, nowMillis = 0): Frontier.Page => {
  const next = frontier.next(nowMillis)
  assert(next._tag === "FetchPage", JSON.stringify(next))
  return next.page
}
const done = { _tag: "Done", status: 200 } as const
const finished = { _tag: "Finished" } as const
const idle = { _tag: "Idle", needsCommit: false } as const

const assertBalanced = (frontier: Frontier.Frontier) => {
  const { discovered, done, failed, left, skipped } = frontier.counts()
  assert.strictEqual(discovered, done + failed + skipped + left)
  return frontier.counts()
}

describe("Frontier", () => {
  it("FRO1: each key is handed out once", () => {
    const frontier = make()
    const pages = ["/x", "/x#part", "/x?utm_source=1", "/x"]
    add(frontier, ...pages.map((link) => found(`http://a.example${link}`)))
    open(frontier, "http://a.example")
    const first = take(frontier)
    add(frontier, found("http://a.example/x"))
    answer(frontier, first, done, { found: [found("http://a.example/x")] })
    add(frontier, found("http://a.example/x"))
    assert.deepStrictEqual(frontier.next(0), finished)
    assert.strictEqual(assertBalanced(frontier).discovered, 1)
  })

  it("FRO2: no page of a host before its robots.txt, and none that it forbids", () => {
    const frontier = make()
    add(
      frontier,
      ...["/private/1", "/open", "/private/2"].map((path) => found(`http://a.example${path}`))
    )
    assert.strictEqual(frontier.next(0)._tag, "FetchRobots")
    assert.deepStrictEqual(frontier.next(0), idle)
    const body = "User-agent: *\nDisallow: /private"
    const robots = Robots.parse(body, "fibra")
    answerRobots(frontier, "http://a.example", {
      _tag: "Rules",
      robots,
      body,
      delayMillis: 0,
      keepMillis: 1e9
    })
    const open = take(frontier)
    assert.strictEqual(open.key, "http://a.example/open")
    answer(frontier, open)
    assert.deepStrictEqual(frontier.next(0), { _tag: "Idle", needsCommit: true })
    const forbidden = frontier.takeForbidden()
    assert.strictEqual(forbidden.length, 2)
    frontier.commit(forbidden, 0)
    assert.deepStrictEqual(frontier.next(0), finished)
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { robots: 2 })
  })

  it("FRO3: a host without rules for now is skipped, and one without an answer fails", () => {
    const frontier = make()
    add(frontier, found("http://a.example/1"), found("http://b.example/1"))
    frontier.next(0)
    frontier.next(0)
    answerRobots(frontier, "http://a.example", { _tag: "Unavailable" })
    answerRobots(frontier, "http://b.example", { _tag: "Unreachable", cause: "refused" })
    add(frontier, found("http://a.example/2"), found("http://b.example/2"))
    assert.deepStrictEqual(frontier.next(0), finished)
    const { failedBy, skippedBy } = assertBalanced(frontier)
    assert.deepStrictEqual(skippedBy, { "robots unavailable": 2 })
    assert.deepStrictEqual(failedBy, { refused: 2 })
  })

  it.each([{ _tag: "Unavailable" }, { _tag: "Unreachable", cause: "timed out" }] as const)(
    "RAC4: the rules at hand hold while robots.txt is %j",
    (outcome) => {
      const frontier = make()
      add(
        frontier,
        ...["/a", "/secret", "/b", "/c"].map((path) => found(`http://a.example${path}`))
      )
      open(frontier, "http://a.example", { rules: "User-agent: *\nDisallow: /secret" })
      answer(frontier, take(frontier))
      const old = 1e9 + 1
      const asks = { _tag: "FetchRobots", origin: "http://a.example", attempts: 0 } as const
      assert.deepStrictEqual(frontier.next(old), asks)
      answerRobots(frontier, "http://a.example", outcome, answered(old))
      const second = take(frontier, old)
      assert.strictEqual(second.url.pathname, "/b")
      assert.strictEqual(frontier.takeForbidden().length, 1)
      answer(frontier, second)
      // After an hour it is asked for again.
      assert.deepStrictEqual(frontier.next(old + 60 * 60 * 1000 + 1), asks)
    }
  )

  it("FRO4: requests to one host start a delay apart, also after robots.txt", () => {
    const frontier = make({ delayMillis: 100, perHost: 5 })
    add(frontier, ...["/1", "/2", "/3"].map((path) => found(`http://a.example${path}`)))
    open(frontier, "http://a.example", { delayMillis: 250 })
    assert.deepStrictEqual(frontier.next(0), { _tag: "WaitUntil", millis: 250 })
    take(frontier, 250)
    assert.deepStrictEqual(frontier.next(499), { _tag: "WaitUntil", millis: 500 })
    take(frontier, 500)
  })

  it("FRO4: a pause varies by chance, and is not shorter than what the site asks for", () => {
    const factors = [0.5, 1.5, 0.1]
    const pauseFactor = () => factors.shift() ?? 1
    const frontier = make({ delayMillis: 1000, perHost: 5, pauseFactor })
    add(frontier, ...["/1", "/2", "/3", "/4"].map((path) => found(`http://a.example${path}`)))
    const delayMillis = 1000
    const body = "User-agent: *\nCrawl-delay: 0.6"
    open(frontier, "http://a.example", { delayMillis, rules: body })
    for (const millis of [1000, 1600, 3100, 3700]) {
      assert.deepStrictEqual(frontier.next(millis - 1), { _tag: "WaitUntil", millis })
      take(frontier, millis)
    }
  })

  it("FRO22: a host that answers 429 is asked more slowly, and faster again when it does not", () => {
    const frontier = make({ delayMillis: 10, restMillis: 100, perHost: 2, isAdaptive: true })
    const paths = Array.from({ length: 40 }, (_, index) => `http://a.example/${index}`)
    add(frontier, ...paths.map((path) => found(path)))
    open(frontier, "http://a.example", { delayMillis: 10 })
    const refused = (page: Frontier.Page, nowMillis: number) =>
      answer(frontier, page, done, { conduct: { ...answered(nowMillis), isTooMuch: true } })
    const [first, second] = [take(frontier, 10), take(frontier, 20)]
    refused(first, 25)
    // It was under way already.
    refused(second, 26)
    assert.deepStrictEqual(frontier.next(26), { _tag: "WaitUntil", millis: 125 })
    const third = take(frontier, 125)
    assert.match(frontier.slowest(125, 1)[0]!.why, /^a request each 0.1 s, as it answers 429$/)
    refused(third, 130)
    assert.deepStrictEqual(frontier.next(225), { _tag: "WaitUntil", millis: 330 })
    let now = 330
    const pauses: Array<number> = []
    for (let page = 0; page < 30; page++) {
      answer(frontier, take(frontier, now), done, { conduct: answered(now) })
      const next = frontier.next(now)
      assert(next._tag === "WaitUntil")
      pauses.push(next.millis - now)
      now = next.millis
    }
    assert.deepStrictEqual(pauses.slice(0, 3), [200, 180, 162])
    assert.strictEqual(pauses.at(-1), 10)
  })

  it("FRO22: a host gets no shorter pause than it takes to answer, when it has a delay", () => {
    const pauseAfter = (delayMillis: number, isAdaptive: boolean) => {
      const frontier = make({ delayMillis, perHost: 9, isAdaptive })
      add(frontier, ...["/1", "/2", "/3"].map((path) => found(`http://a.example${path}`)))
      open(frontier, "http://a.example", { delayMillis })
      const first = take(frontier, delayMillis)
      answer(frontier, first, done, { conduct: answered(delayMillis + 500) })
      take(frontier, 2000)
      const next = frontier.next(2000)
      return next._tag === "WaitUntil" ? next.millis - 2000 : 0
    }
    assert.deepStrictEqual(
      [pauseAfter(100, true), pauseAfter(100, false), pauseAfter(900, true), pauseAfter(0, true)],
      [500, 100, 900, 0]
    )
  })

  it("FRO5: a host gets no more requests at a time than allowed", () => {
    const frontier = make({ perHost: 2 })
    add(frontier, ...["/1", "/2", "/3"].map((path) => found(`http://a.example${path}`)))
    open(frontier, "http://a.example")
    const first = take(frontier)
    take(frontier)
    assert.deepStrictEqual(frontier.next(0), idle)
    answer(frontier, first)
    assert.strictEqual(take(frontier).key, "http://a.example/3")
  })

  it("FRO6: hosts that are due take turns", () => {
    const names = [..."abcdefg"]
    const frontier = make({ perHost: 10, hosts: names.map((name) => `${name}.example`) })
    for (const name of names) {
      add(frontier, ...[0, 1, 2, 3].map((index) => found(`http://${name}.example/${index}`)))
    }
    for (const name of names) open(frontier, `http://${name}.example`)
    const order = Array.from({ length: 28 }, () => take(frontier).url.hostname[0])
    assert.strictEqual(order.join(""), "abcdefg".repeat(4))
  })

  it("FRO7: refused and deeper pages are skipped, and a seed's redirect lets a host in", () => {
    const frontier = make({ depthMax: 1 })
    add(frontier, found("http://a.example/"))
    add(frontier, found("http://else.example/"), found("http://a.example/deep", 2))
    open(frontier, "http://a.example")
    const skipped = { _tag: "Skipped", reason: "redirected" } as const
    const to = found("http://else.example/again")
    answer(frontier, take(frontier), skipped, { admits: "http://else.example", found: [to] })
    open(frontier, "http://else.example")
    assert.strictEqual(take(frontier).key, to.key)
    const { skippedBy } = assertBalanced(frontier)
    assert.deepStrictEqual(skippedBy, { "other host": 1, "too deep": 1, redirected: 1 })
  })

  it("FRO8: a shorter path to a page that was too deep brings it back", () => {
    const frontier = make({ depthMax: 1 })
    for (const depth of [2, 1, 0]) add(frontier, found("http://a.example/deep", depth))
    open(frontier, "http://a.example")
    answer(frontier, take(frontier))
    assert.deepStrictEqual(frontier.next(0), finished)
    const { discovered, done: pages, skipped } = assertBalanced(frontier)
    assert.deepStrictEqual([discovered, pages, skipped], [1, 1, 0])
  })

  it("FRO8: a link to follow brings back what others asked not to follow", () => {
    const refusalOf = ({ isNofollow }: Frontier.Found) =>
      isNofollow === true ? { reason: "nofollow" } : undefined
    const frontier = make({ refusalOf, depthMax: 1 })
    const shunned = (depth: number) => ({
      ...found("http://a.example/page", depth),
      isNofollow: true
    })
    for (const depth of [0, 0]) add(frontier, shunned(depth))
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { nofollow: 1 })
    add(frontier, found("http://a.example/page", 2))
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { nofollow: 1 })
    add(frontier, found("http://a.example/page", 1))
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, {})
    add(frontier, shunned(0))
    open(frontier, "http://a.example")
    answer(frontier, take(frontier))
    assert.deepStrictEqual(frontier.next(0), finished)
    assert.deepStrictEqual([frontier.counts().discovered, frontier.counts().done], [1, 1])
  })

  it("FRO25: of one host so many URLs are taken as it may have, in all lives together", () => {
    const store = makeStore()
    const first = make({ store, hostUrlsMax: 2 })
    const sitemap = { ...found("http://a.example/map"), isSitemap: true }
    add(
      first,
      sitemap,
      ...["/1", "/1#x", "/2", "/3"].map((path) => found(`http://a.example${path}`))
    )
    add(first, found("http://b.example/1"))
    assert.deepStrictEqual(assertBalanced(first).skippedBy, { "host full": 1 })
    const second = make({ store, hostUrlsMax: 2 })
    add(
      second,
      found("http://a.example/4"),
      found("http://b.example/2"),
      found("http://b.example/3")
    )
    const { left, skippedBy } = assertBalanced(second)
    assert.deepStrictEqual([left, skippedBy], [5, { "host full": 3 }])
  })

  it("FRO9: pages that fail or redirect do not use up the bound on pages", () => {
    const frontier = make({ pagesMax: 2, perHost: 10 })
    add(frontier, ...[0, 1, 2, 3, 4].map((index) => found(`http://a.example/${index}`)))
    open(frontier, "http://a.example")
    const [first, second] = [take(frontier), take(frontier)]
    assert.deepStrictEqual(frontier.next(0), idle)
    answer(frontier, first, { _tag: "Failed", cause: "status 500" })
    const third = take(frontier)
    assert.deepStrictEqual(frontier.next(0), idle)
    answer(frontier, second)
    answer(frontier, third)
    assert.deepStrictEqual(frontier.next(0), finished)
    assert.deepStrictEqual([assertBalanced(frontier).done, frontier.counts().left], [2, 2])
  })

  it("FRO10: a page that is put back is handed out again under its other URL", () => {
    const frontier = make()
    add(frontier, found("http://a.example/x"))
    open(frontier, "http://a.example")
    const first = take(frontier)
    const url = new URL("http://a.example/x?utm_source=1")
    answer(frontier, first, { _tag: "Again", url, redirectedFrom: [first.key] })
    assert.deepStrictEqual(take(frontier), { ...first, url, redirectedFrom: [first.key] })
    assert.strictEqual(assertBalanced(frontier).discovered, 1)
  })

  it("FRO11: URLs beyond the bound are counted and not kept", () => {
    const frontier = make({ urlsMax: 2 })
    add(frontier, ...[0, 1, 2, 3, 4].map((index) => found(`http://a.example/${index}`)))
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { "frontier full": 3 })
    assert.strictEqual(frontier.counts().left, 2)
  })

  it("FRO12: a host with many pages hands out each, in order, with few of them in memory", () => {
    const frontier = make({ urlsMax: 100_000 })
    const total = 20_000
    add(
      frontier,
      ...Array.from({ length: total }, (_, index) => found(`http://a.example/${index}`))
    )
    open(frontier, "http://a.example")
    for (let index = 0; index < total; index++) {
      const next = take(frontier)
      assert.strictEqual(next.key, `http://a.example/${index}`)
      answer(frontier, next)
    }
    assert.strictEqual(assertBalanced(frontier).done, total)
  })

  it("FRO13: what was not committed is handed out again by the next life, in the same order", () => {
    const store = makeStore()
    const first = make({ store, perHost: 5, delayMillis: 100 })
    add(first, ...["/1", "/2", "/3"].map((path) => found(`http://a.example${path}`)))
    open(first, "http://a.example")
    answer(first, take(first))
    first.answerPage(take(first), done, answered())
    take(first)
    const second = make({ store, perHost: 5, wasKilled: true, nowMillis: 1000 })
    assert.deepStrictEqual(second.counts(), first.counts())
    assert.strictEqual(take(second, 1000).key, "http://a.example/2")
    assert.strictEqual(take(second, 1000).key, "http://a.example/3")
  })

  it("FRO14: a killed life is followed by the pause that its last request asks for", () => {
    const store = makeStore()
    const parseRobots = (body: string) => ({
      robots: Robots.parse(body, "fibra"),
      delayMillis: 200
    })
    const first = make({ store, parseRobots })
    add(first, found("http://a.example/1"))
    open(first, "http://a.example", { delayMillis: 200 })
    const killed = make({ store, parseRobots, wasKilled: true, nowMillis: 1000 })
    assert.deepStrictEqual(killed.next(1000), { _tag: "WaitUntil", millis: 1200 })
    const stopped = make({ store, parseRobots, nowMillis: 1000 })
    assert.strictEqual(take(stopped, 1000).key, "http://a.example/1")
  })

  it("FRO15: a page that is to be tried again comes when it is due, also in the next life", () => {
    const store = makeStore()
    const first = make({ store })
    add(first, found("http://a.example/1"), found("http://a.example/2"))
    open(first, "http://a.example")
    const retry = { _tag: "Retry", cause: "status 503", dueMillis: 500, isCounted: true } as const
    answer(first, take(first), retry)
    answer(first, take(first))
    assert.deepStrictEqual(first.next(0), { _tag: "WaitUntil", millis: 500 })
    assert.strictEqual(take(first, 500).attempts, 1)
    const second = make({ store })
    assert.deepStrictEqual(second.next(499), { _tag: "WaitUntil", millis: 500 })
    answer(second, take(second, 500))
    assert.deepStrictEqual(second.next(500), finished)
    const { done: pages, retries } = assertBalanced(second)
    assert.deepStrictEqual([pages, retries], [2, 1])
  })

  it("FRO16: a host that asks for time gets it, whatever else of it is due, and in the next life", () => {
    const store = makeStore()
    const first = make({ store, perHost: 3 })
    add(first, ...["/1", "/2", "/3"].map((path) => found(`http://a.example${path}`)))
    open(first, "http://a.example")
    const [one] = [take(first), take(first)]
    const conduct = { ...answered(), pauseUntilMillis: 3000 }
    const retry = { _tag: "Retry", cause: "status 429", dueMillis: 10, isCounted: true } as const
    answer(first, one, retry, { conduct })
    assert.deepStrictEqual(first.next(2999), { _tag: "WaitUntil", millis: 3000 })
    const second = make({ store })
    assert.deepStrictEqual(second.next(2999), { _tag: "WaitUntil", millis: 3000 })
    take(second, 3000)
  })

  it("FRO17: a host without answers rests, then is parked; the crawl goes on elsewhere", () => {
    const frontier = make({ restMillis: 100 })
    const paths = Array.from({ length: 9 }, (_, index) => `/${index}`)
    add(frontier, ...paths.map((path) => found(`http://a.example${path}`)))
    open(frontier, "http://a.example")
    let now = 0
    const fail = () => {
      const page = take(frontier, now)
      const retry = { _tag: "Retry", cause: "reset", dueMillis: now + 1, isCounted: true } as const
      answer(frontier, page, retry, { conduct: { nowMillis: now, isAnswered: false } })
    }
    fail()
    for (const rest of [100, 200, 400]) {
      fail()
      assert.deepStrictEqual(frontier.next(now), { _tag: "WaitUntil", millis: now + rest })
      now += rest
    }
    fail()
    assert.isTrue(frontier.healthOf("http://a.example").isDown)
    assert.deepStrictEqual(frontier.next(now), { _tag: "Parked" })
    add(frontier, found("http://b.example/"))
    open(frontier, "http://b.example")
    answer(frontier, take(frontier, now))
    assert.deepStrictEqual(frontier.next(now), { _tag: "Parked" })
    assert.strictEqual(frontier.next(now + 60_000)._tag, "FetchPage")
  })

  it("FRO18: what the rules forbid when it is found is skipped at once, if they are not too old", () => {
    const frontier = make()
    add(frontier, found("http://a.example/"))
    open(frontier, "http://a.example", { rules: "User-agent: *\nDisallow: /private" })
    add(frontier, found("http://a.example/private/1"))
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { robots: 1 })
    const later = [{ _tag: "Found" as const, found: [found("http://a.example/private/2")] }]
    frontier.commit(later, keepMillis + 1)
    assert.deepStrictEqual(assertBalanced(frontier).skippedBy, { robots: 1 })
    assert.strictEqual(frontier.counts().left, 2)
  })

  it("FRO19: with the order dfs the page of a host that was found last comes first", () => {
    const store = makeStore()
    const frontier = make({ store, order: "dfs", perHost: 9 })
    add(frontier, ...["/1", "/2", "/3"].map((path) => found(`http://a.example${path}`)))
    open(frontier, "http://a.example")
    const last = take(frontier)
    answer(frontier, last, done, {
      found: ["/3/1", "/3/2"].map((at) => found(last.url.origin + at))
    })
    const paths = (from: Frontier.Frontier) => [1, 2, 3, 4].map(() => take(from).url.pathname)
    assert.deepStrictEqual(paths(frontier), ["/3/2", "/3/1", "/2", "/1"])
    const second = make({ store, order: "dfs", perHost: 9 })
    assert.deepStrictEqual(paths(second), ["/3/2", "/3/1", "/2", "/1"])
  })

  it.each([
    { _tag: "Retry", cause: "reset", dueMillis: 0, isCounted: true },
    { _tag: "Postponed", rule: "near-duplicates", detail: "" }
  ] as const)("FRO12, FRO19: in that order, too, each page comes, also after $_tag", (outcome) => {
    const frontier = make({ order: "dfs", urlsMax: 100_000 })
    const paths = Array.from({ length: 3_000 }, (_, index) => `/${index}`)
    add(frontier, found("http://a.example/x"), found("http://a.example/y"))
    open(frontier, "http://a.example")
    answer(frontier, take(frontier), outcome)
    answer(frontier, take(frontier), outcome)
    // The other one is in memory, and has to make room.
    const many = paths.map((path) => found(`http://a.example${path}`))
    const parent = take(frontier)
    answer(frontier, parent, done, { found: many })
    const order = Array.from({ length: 3_001 }, () => {
      const page = take(frontier)
      answer(frontier, page)
      return page.url.pathname
    })
    const other = parent.url.pathname === "/x" ? "/y" : "/x"
    assert.include(order, other)
    assert.deepStrictEqual(
      order.filter((path) => path !== other),
      paths.toReversed()
    )
    assert.deepStrictEqual(frontier.next(0), finished)
  })

  it("FRO15, FRO19: what was to be tried again and then postponed is handed out once more", () => {
    for (const order of ["bfs", "dfs"] as const) {
      const frontier = make({ order })
      add(frontier, found("http://a.example/1"))
      open(frontier, "http://a.example")
      const retry = { _tag: "Retry", cause: "reset", dueMillis: 0, isCounted: true } as const
      answer(frontier, take(frontier), retry)
      answer(frontier, take(frontier), { _tag: "Postponed", rule: "near-duplicates", detail: "" })
      answer(frontier, take(frontier))
      assert.deepStrictEqual([frontier.next(0), frontier.counts().left], [finished, 0])
    }
  })

  it("FRO20: an answer gives the links that its settlement has to name", () => {
    const frontier = make({ perHost: 2, depthMax: 1 })
    add(frontier, found("http://a.example/1"), found("http://a.example/2"))
    open(frontier, "http://a.example")
    const [one, two] = [take(frontier), take(frontier)]
    const links = (...paths: ReadonlyArray<string>) =>
      paths.map((path) => found(`http://a.example${path}`, 1))
    const keys = (unknown: ReadonlyArray<Frontier.Found>) => unknown.map(({ url }) => url.pathname)
    const first = frontier.answerPage(one, done, answered(), links("/1", "/3", "/2", "/3"))
    assert.deepStrictEqual(keys(first), ["/3"])
    const deep = found("http://a.example/deep", 2)
    const second = frontier.answerPage(two, done, answered(), [...links("/3", "/4"), deep])
    assert.deepStrictEqual(keys(second), ["/4", "/deep"])
    const settled = { _tag: "Page", outcome: done } as const
    frontier.commit([{ ...settled, page: one, found: first }], 0)
    frontier.commit([{ ...settled, page: two, found: second }], 0)
    assert.deepStrictEqual(keys([take(frontier), take(frontier)].map((page) => found(page.key))), [
      "/3",
      "/4"
    ])
    assert.deepStrictEqual([assertBalanced(frontier).discovered, frontier.counts().left], [5, 2])
  })

  it("FRO20: the store is asked for keys when they are not all in memory", () => {
    const store = makeStore()
    let asked = 0
    const find: Store.Store["find"] = (key) => {
      asked += 1
      return store.find(key)
    }
    const pages = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => found(`http://a.example/${from + index}`))
    const options = { store: { ...store, find }, urlsMax: 1e6, depthMax: 0 }
    const first = make(options)
    for (const _ of [1, 2]) add(first, ...pages(0, 100))
    assert.deepStrictEqual([asked, first.counts().discovered], [0, 100])
    // A page that was too deep may come back, so it is not among those that are known for good.
    for (const _ of [1, 2]) add(first, found("http://a.example/deep", 1))
    add(first, found("http://a.example/deep"))
    assert.deepStrictEqual([asked, first.counts().discovered], [2, 101])
    const second = make(options)
    for (const _ of [1, 2]) add(second, ...pages(0, 100))
    assert.deepStrictEqual([asked, second.counts().discovered], [102, 101])
    const large = make({ ...options, store: makeStore() })
    const [page] = pages(0, 1)
    const many = Array.from({ length: 66_000 }, (_, index) => ({ ...page!, key: `${index}` }))
    add(large, ...many)
    add(large, ...many.slice(0, 10))
    assert.strictEqual(large.counts().discovered, 66_000)
  })
})
