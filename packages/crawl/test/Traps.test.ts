import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import { outline } from "../src/Extract.ts"
import * as Traps from "../src/Traps.ts"
import { pages, realPages, scoreOf, serveTrapSite } from "./support/trapSite.ts"

const at = (path: string) => new URL(path, "http://site.example")
const says = (html: string) => outline(html).fingerprint
const ruleOf = (verdict: Traps.Verdict) => [
  verdict._tag,
  verdict._tag === "Pass" ? undefined : verdict.rule
]
/** A text of many words that no other number has. */
const text = (number: number) =>
  Array.from({ length: 40 }, (_, index) => `w${number * 40 + index}`).join(" ")
const sameText = text(0)

/** The pattern of a URL, as a verdict names it. */
const patternOf = (path: string) => {
  const traps = Traps.make({ patternUrlsMax: 0 })
  const verdict = traps.admit(at(path))
  return verdict._tag === "Pass" ? "" : verdict.detail.replace(/^.* like /, "")
}

describe("Traps", () => {
  it("TRP4: what most words of a page vote for is its simhash, however many they are", () => {
    const simhashOf = (...words: ReadonlyArray<string>) => says(words.join(" ")).simhash
    const tea = simhashOf("tea")
    assert.notStrictEqual(tea, simhashOf("milk"))
    for (let count = 1; count <= 40; count++) {
      const teas = Array.from({ length: count }, () => "tea")
      assert.strictEqual(simhashOf(...teas), tea, `${count}`)
      const fewer = Array.from({ length: count - 1 }, () => "milk")
      assert.strictEqual(simhashOf(...fewer, ...teas), tea, `${count} of ${2 * count - 1}`)
    }
  })

  it.each([
    ["/a/b/a/b/a/b", "repeated segments"],
    ["/x/a/b/a/b/a/b/y", "repeated segments"],
    ["/a/a/a", "repeated segments"],
    ["/a/b/c/a/b/c/a/b/c", "repeated segments"],
    ["/a/b/a/b", undefined],
    ["/a/b/a/c/a/b", undefined],
    ["/tiles/0/0/0.png", undefined],
    ["/11/11/11", undefined]
  ] as const)("TRP1: %s is refused by: %s", (path, rule) => {
    const expected = rule === undefined ? ["Pass", undefined] : ["Refused", rule]
    assert.deepStrictEqual(ruleOf(Traps.make().admit(at(path))), expected)
  })

  it.each([
    [21, 1, "too many segments"],
    [20, 1, undefined],
    [2, 1042, "URL too long"],
    [2, 1000, undefined]
  ] as const)("TRP1: %d segments of %d letters are refused by: %s", (count, length, rule) => {
    const path = Array.from({ length: count }, (_, n) => `/${n}${"l".repeat(length - 1)}`).join("")
    const expected = rule === undefined ? ["Pass", undefined] : ["Refused", rule]
    assert.deepStrictEqual(ruleOf(Traps.make().admit(at(path))), expected)
  })

  it.each([
    ["/item/17", "/item/N"],
    ["/item17b", "/itemNb"],
    ["/", "/"],
    ["/a/", "/a/"],
    ["/2024/05/17/x", "/D/x"],
    ["/2024/5", "/D"],
    ["/log-2024-05-17.html", "/log-D.html"],
    ["/20240517", "/N"],
    ["/item-190112.html", "/item-N.html"],
    ["/part/20120403", "/part/N"],
    ["/part/19011299", "/part/N"],
    ["/calendar/20240517", "/calendar/D"],
    ["/calendar/20241517", "/calendar/N"],
    ["/news-archive/2024/log_202405.html", "/news-archive/N/log_D.html"],
    ["/2024-15.html", "/N-N.html"],
    ["/2024.05.17", "/D"],
    ["/day-120240517", "/day-N"],
    ["/2024/13", "/N/N"],
    ["/2024", "/N"],
    ["/20246", "/N"],
    ["/550e8400-e29b-41d4-a716-446655440000/x", "/H/x"],
    ["/deadbeef01", "/H"],
    ["/facade", "/facade"],
    ["/a-red-oak-table.html", "/S.html"],
    ["/The_old%20house", "/S"],
    ["/two-words", "/two-words"],
    ["/shop?b=1&a=2", "/shop?"],
    ["/events?from=2024-05-17", "/events?D"],
    ["/events?view=x&month=5", "/events?D"],
    ["/events?monthly=5&id=20240", "/events?"],
    ["/events?on=20240517", "/events?D"],
    ["/shop?id=190112", "/shop?"],
    ["/shop?id=20120403", "/shop?"]
  ])("TRP2: %s has the pattern %s", (path, pattern) => {
    assert.strictEqual(patternOf(path), pattern)
  })

  it("TRP3: beyond its budget a pattern is postponed, and then refused", () => {
    const traps = Traps.make({ patternUrlsMax: 2, patternUrlsStop: 4 })
    const verdicts = [1, 2, 3, 4, 5].map((n) => ruleOf(traps.admit(at(`/n/${n}`))))
    assert.deepStrictEqual(verdicts, [
      ["Pass", undefined],
      ["Pass", undefined],
      ["Later", "pattern budget"],
      ["Later", "pattern budget"],
      ["Refused", "pattern budget"]
    ])
    assert.deepStrictEqual(ruleOf(traps.admit(at("/m/1"))), ["Pass", undefined])
    assert.deepStrictEqual(ruleOf(traps.admit(new URL("http://other.example/n/1"))), [
      "Pass",
      undefined
    ])
  })

  it("TRP4: near-identical pages in a row postpone their pattern, and then stop it", () => {
    const traps = Traps.make({ share: 1 })
    const verdicts: Array<string> = []
    for (let n = 1; n <= 50; n++) {
      verdicts.push(traps.confirm(at(`/n/${n}`), false)._tag)
      traps.observe(at(`/n/${n}`), says(`<p>${sameText}<a href=x>link ${n}</a>`))
    }
    assert.deepStrictEqual(verdicts, [
      ...Array.from({ length: 3 }, () => "Pass"),
      ...Array.from({ length: 47 }, () => "Later")
    ])
    assert.deepStrictEqual(ruleOf(traps.confirm(at("/n/51"), false)), [
      "Refused",
      "near-duplicates"
    ])
    assert.deepStrictEqual(ruleOf(traps.admit(at("/n/52"))), ["Refused", "near-duplicates"])
    assert.deepStrictEqual(ruleOf(traps.confirm(at("/m/1"), false)), ["Pass", undefined])
  })

  it.each([
    ["another text", `<p>${text(1)}`, undefined],
    ["a title of its own", `<title>Own</title><p>${sameText}`, undefined],
    ["a link to another place", `<p>${sameText}`, "/elsewhere"],
    ["few words that differ", "<p>other", undefined]
  ])("TRP4: %s ends the row", (_, html, link) => {
    const traps = Traps.make()
    for (const n of [1, 2, 3]) traps.observe(at(`/n/${n}`), says(`<p>${sameText}`))
    assert.strictEqual(traps.confirm(at("/n/5"), false)._tag, "Later")
    if (link !== undefined) traps.admit(at(link), at("/n/4"))
    traps.observe(at("/n/4"), says(html))
    assert.strictEqual(traps.confirm(at("/n/5"), false)._tag, "Pass")
  })

  it.each(["/calendar/2024/", "/calendar?y=1&month="])(
    "TRP4: the titles of %s do not make a difference, since each date has its own",
    (place) => {
      const traps = Traps.make()
      for (const n of [1, 2, 3]) {
        traps.observe(at(`${place}${n}`), says(`<title>${n} May</title><p>${sameText}`))
      }
      assert.strictEqual(traps.confirm(at(`${place}4`), false)._tag, "Later")
    }
  )

  it("TRP4: the pages of a thin catalogue are not alike when each has its title", () => {
    const traps = Traps.make()
    const verdicts = Array.from({ length: 100 }, (_, n) => {
      const html = `<title>Widget ${n}</title><p>${sameText} ${sameText} ${n}.50`
      traps.observe(at(`/item/${n}`), says(html))
      return traps.confirm(at(`/item/${n + 1}`), true)._tag
    })
    assert.deepStrictEqual(new Set(verdicts), new Set(["Pass"]))
  })

  it("TRP4: a link to the same pattern does not end the row", () => {
    const traps = Traps.make()
    for (const n of [1, 2, 3]) {
      traps.admit(at(`/n/${n + 1}`), at(`/n/${n}`))
      traps.observe(at(`/n/${n}`), says(`<p>${sameText}`))
    }
    assert.strictEqual(traps.confirm(at("/n/4"), false)._tag, "Later")
  })

  it("TRP5: a page is not fetched again for a parameter that never made a difference", () => {
    const traps = Traps.make({ equalPagesMax: 3 })
    const page = (n: number) => says(`<h1>${n}</h1>${text(n)}`)
    for (const n of [1, 2, 3, 4]) traps.observe(at(`/p${n}?id=${n}&v=first${n}`), page(n))
    assert.deepStrictEqual(ruleOf(traps.confirm(at("/p4?id=4&v=again"), true)), ["Pass", undefined])
    for (const n of [1, 2, 3]) traps.observe(at(`/p${n}?id=${n}&v=second${n}`), page(n))
    assert.deepStrictEqual(ruleOf(traps.confirm(at("/p4?id=4&v=again"), false)), [
      "Later",
      "parameter without effect"
    ])
    traps.observe(at("/p4?id=4&v=again"), page(4))
    assert.deepStrictEqual(ruleOf(traps.confirm(at("/p4?id=4&v=third"), false)), [
      "Refused",
      "parameter without effect"
    ])
    assert.deepStrictEqual(ruleOf(traps.confirm(at("/p5?id=5&v=new"), false)), ["Pass", undefined])
    assert.deepStrictEqual(ruleOf(traps.confirm(at("/p4?id=9&v=first4"), false)), [
      "Pass",
      undefined
    ])
  })

  it("TRP5: two URLs of one page are not fetched at the same time, and one that is tried again is", () => {
    const traps = Traps.make()
    for (const path of ["/a", "/b", "/c"]) {
      for (const v of [1, 2]) traps.observe(at(`${path}?v=${v}`), says(`<p>${text(v % 1)}${path}`))
    }
    const verdicts = ["/d?v=1", "/d?v=2", "/d?v=1"].map((path) => traps.confirm(at(path), false))
    assert.deepStrictEqual(
      verdicts.map(({ _tag }) => _tag),
      ["Pass", "Later", "Pass"]
    )
    traps.observe(at("/d?v=1"), says("<p>d"))
    assert.strictEqual(traps.confirm(at("/d?v=2"), false)._tag, "Later")
  })

  it.each([
    ["text", `<p>${sameText} more`],
    ["picture", `<p>${sameText}<img src=2.png>`],
    ["text of a link", `<p>${sameText}<a href=x>2</a>`],
    ["title", `<title>2</title><p>${sameText}`]
  ])("TRP5: one other %s proves that a parameter matters, for good", (_, html) => {
    const traps = Traps.make()
    const same = says(`<p>${sameText}`)
    for (const path of ["/a", "/b", "/c", "/d"]) {
      for (const id of [1, 2]) traps.observe(at(`${path}?id=${id}`), same)
    }
    assert.strictEqual(traps.confirm(at("/a?id=3"), false)._tag, "Later")
    traps.observe(at("/e?id=1"), same)
    traps.observe(at("/e?id=2"), says(html))
    assert.strictEqual(traps.confirm(at("/a?id=3"), false)._tag, "Pass")
    for (let n = 0; n < 100; n++) traps.observe(at(`/${"f".repeat(n)}?id=${n % 3}`), same)
    assert.strictEqual(traps.confirm(at("/a?id=3"), true)._tag, "Pass")
  })

  it("TRP8: a parameter that is known to matter is not remembered page by page", () => {
    const traps = Traps.make()
    traps.observe(at("/?id=1"), says(`<p>${text(1)}`))
    traps.observe(at("/?id=2"), says(`<p>${text(2)}`))
    traps.takeChanges()
    traps.observe(at("/other?id=2"), says(`<p>${text(3)}`))
    const keys = traps.takeChanges().map(({ key }) => key)
    assert.deepStrictEqual(keys, ["site.example", "site.example /other?"])
  })

  it("TRP6: on a small site a trap costs its share, once nothing else is left", () => {
    const traps = Traps.make()
    for (const n of [1, 2, 3, 4]) traps.observe(at(`/n/${n}`), says(`<p>${sameText}`))
    assert.strictEqual(traps.confirm(at("/n/5"), false)._tag, "Later")
    assert.strictEqual(traps.confirm(at("/n/5"), true)._tag, "Refused")
    for (let n = 0; n < 1200; n++) traps.observe(at(`/real/${n}`), says(`<p>${text(n)}`))
    assert.strictEqual(traps.confirm(at("/n/5"), true)._tag, "Pass")
    for (const n of [5, 6]) traps.observe(at(`/n/${n}`), says(`<p>${sameText}`))
    assert.strictEqual(traps.confirm(at("/n/7"), true)._tag, "Refused")
  })

  it("TRP7, TRP10: a walk that is cut and resumed again and again goes the same way", () => {
    const whole = walk(Number.POSITIVE_INFINITY)
    assert.deepStrictEqual(walk(7), whole)
    const { found, requests, wasted } = scoreOf(whole.log)
    assert.strictEqual(found, realPages)
    assert.isAtMost(wasted / requests, 0.05)
    assert.deepStrictEqual(Object.keys(whole.refusedBy).toSorted(), [
      "near-duplicates",
      "parameter without effect",
      "repeated segments"
    ])
  })

  it.live("TRP10: the site over HTTP counts what was found and what was wasted", () =>
    Effect.gen(function* () {
      const site = yield* serveTrapSite
      const targets = ["/robots.txt", "/", "/guide/1?visit=1", "/guide/1?visit=2", "/go/1", "/none"]
      for (const target of targets) {
        yield* Effect.promise(() => fetch(site.origin + target, { redirect: "manual" }))
      }
      assert.deepStrictEqual(site.log, targets)
      assert.deepStrictEqual(site.score(), {
        found: 2,
        wasted: 3,
        wastedBy: { again: 1, redirects: 1, "no page": 1 },
        requests: 5
      })
    })
  )

  it("TRP8: records are bounded, and the ones that are forgotten are taken as gone", () => {
    const traps = Traps.make({ recordsMax: 10, patternUrlsMax: 3 })
    const stored = new Map<string, string>()
    for (let n = 0; n < 100; n++) {
      for (const { key, value } of traps.takeChanges()) {
        if (value === null) stored.delete(key)
        else stored.set(key, value)
      }
      assert.isAtMost(stored.size, 10)
      traps.admit(at(`/${"x".repeat(n)}`))
      traps.admit(at(`/busy/${n}`))
    }
    // What is in use is not forgotten.
    assert.strictEqual(traps.admit(at("/busy/1"))._tag, "Later")
  })

  it("TRP9: what was stopped is reported with its rule, its place, and how much it was", () => {
    const traps = Traps.make({ patternUrlsStop: 1, similarPagesMax: 3 })
    for (const n of [1, 2, 3]) traps.observe(at(`/n/${n}`), says(`<p>${sameText}`))
    traps.confirm(at("/n/5"), false)
    for (const n of [1, 2, 3]) traps.admit(at(`/m/${n}`))
    assert.deepStrictEqual(traps.reports(), [
      { host: "site.example", rule: "pattern budget", what: "/m/N", refused: 2 },
      { host: "site.example", rule: "near-duplicates", what: "/n/N", refused: 1 }
    ])
  })
})

/** Walks the site of traps, and puts the state of the traps to paper after each `cutEvery` pages. */
const walk = (cutEvery: number) => {
  const stored = new Map<string, string>()
  let traps = Traps.make()
  const answer = pages()
  const log: Array<string> = []
  const refusedBy: Record<string, number> = {}
  const known = new Set<string>()
  const queues: { readonly now: Array<URL>; readonly later: Array<URL> } = { now: [], later: [] }
  const place = (url: URL, verdict: Traps.Verdict) => {
    if (verdict._tag === "Pass") queues.now.push(url)
    else if (verdict._tag === "Later") queues.later.push(url)
    else refusedBy[verdict.rule] = (refusedBy[verdict.rule] ?? 0) + 1
  }
  const add = (link: string, foundOn: URL) => {
    const found = fromLink(link, foundOn)
    if (Result.isFailure(found) || known.has(found.success.key)) return
    known.add(found.success.key)
    place(found.success.url, traps.admit(found.success.url, foundOn))
  }
  const visit = (url: URL) => {
    const target = url.pathname + url.search
    log.push(target)
    const { html, location } = answer(target)
    if (location !== undefined) return add(location, url)
    const { fingerprint, links } = outline(html)
    for (const link of links) add(link, url)
    traps.observe(url, fingerprint)
  }
  add("/", at("/"))
  while (queues.now.length + queues.later.length > 0) {
    const postponed = queues.now.length === 0
    const url = (postponed ? queues.later : queues.now).shift()!
    const verdict = traps.confirm(url, postponed)
    if (verdict._tag === "Pass") visit(url)
    else place(url, verdict)
    if (log.length % cutEvery === 0) {
      for (const { key, value } of traps.takeChanges()) stored.set(key, value ?? "")
      traps = Traps.make(
        {},
        [...stored].map(([key, value]) => ({ key, value }))
      )
    }
  }
  return { log, refusedBy, reports: traps.reports() }
}
