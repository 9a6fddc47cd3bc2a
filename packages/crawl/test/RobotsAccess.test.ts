import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { parse } from "../src/Robots.ts"
import * as RobotsAccess from "../src/RobotsAccess.ts"

const url = new URL("http://site.example/robots.txt")
const home = new URL("http://site.example/")
const body = "User-agent: *\nDisallow: /\nAllow: /open"
const open = new URL("http://site.example/open")
const rules = parse(body, "fibra")

const response = (status: number, headers: { location?: string; cacheControl?: string } = {}) =>
  ({ _tag: "Response", url, status, body, ...headers }) as const
const noAnswer = { _tag: "NoAnswer", cause: "connection refused" } as const
const meaningOf = (answer: RobotsAccess.Answer, redirects = 0) =>
  RobotsAccess.interpret(answer, redirects, "fibra")

const minute = 60_000
const day = 24 * 60 * minute
const unreachable = { _tag: "Unreachable", reason: "status 503" } as const
const keepFor = Duration.hours(1)

describe("RobotsAccess", () => {
  it.each([
    [200, "Rules"],
    [204, "Rules"],
    [299, "Rules"],
    [304, "Unchanged"],
    [400, "NoRules"],
    [401, "NoRules"],
    [403, "NoRules"],
    [404, "NoRules"],
    [410, "NoRules"],
    [451, "NoRules"],
    [499, "NoRules"],
    [429, "Unreachable"],
    [500, "Unreachable"],
    [502, "Unreachable"],
    [503, "Unreachable"],
    [599, "Unreachable"],
    [100, "Unreachable"],
    [600, "Unreachable"]
  ])("RAC1: status %d means %s", (status, meaning) => {
    assert.strictEqual(meaningOf(response(status))._tag, meaning)
  })

  it("RAC1: no answer means that the site is unreachable, and says why", () => {
    assert.deepStrictEqual(meaningOf(noAnswer), {
      _tag: "Unreachable",
      reason: "connection refused"
    })
  })

  it("RAC1: rules are read from bytes and text, with a mark, up to 500 KiB", () => {
    const long = `\uFEFF${body}\n${"#".repeat(600 * 1024)}\nAllow: /late`
    for (const sent of [long, new TextEncoder().encode(long)]) {
      const meaning = meaningOf({ ...response(200), body: sent })
      if (meaning._tag !== "Rules") return assert.fail(meaning._tag)
      const late = new URL("http://site.example/late")
      const decided = [home, open, late].map((at) => meaning.robots.isAllowed(at))
      assert.deepStrictEqual(decided, [false, true, false])
    }
  })

  it.each([301, 302, 303, 307, 308])("RAC2: %d is followed five times", (status) => {
    const answer = response(status, { location: "//other.example/rules" })
    for (const redirects of [0, 1, 2, 3, 4]) {
      assert.deepStrictEqual(meaningOf(answer, redirects), {
        _tag: "Follow",
        url: new URL("http://other.example/rules")
      })
    }
    const last = meaningOf(answer, 5)
    assert.strictEqual(last._tag === "NoRules" && last.reason, "more than 5 redirects")
  })

  it.each([undefined, "", "mailto:x@y", "http://[", "ftp://site.example/robots.txt"])(
    "RAC2: a redirect to %s means no rules",
    (location) => {
      const answer = response(302, location === undefined ? {} : { location })
      // An empty location is a link to the same place: it is a web page.
      const expected = location === "" ? "Follow" : "NoRules"
      assert.strictEqual(meaningOf(answer)._tag, expected)
    }
  )

  it.each([
    [undefined, "24 hours"],
    ["no-cache", "24 hours"],
    ["max-age=3600", "1 hour"],
    ["public, MAX-AGE=7200, immutable", "2 hours"],
    ["max-age=0", "5 minutes"],
    ["max-age=99999999999999999999", "24 hours"],
    ["s-maxage=60", "24 hours"],
    ["max-age=x", "24 hours"]
  ] as const)("RAC3: with %s an answer is kept for %s", (cacheControl, expected) => {
    for (const status of [200, 304, 404]) {
      const meaning = meaningOf(
        response(status, cacheControl === undefined ? {} : { cacheControl })
      )
      if (!("keepFor" in meaning)) return assert.fail(meaning._tag)
      assert.deepStrictEqual(meaning.keepFor, Duration.fromInputUnsafe(expected))
    }
  })

  it.each([
    [{ _tag: "Rules", robots: rules, keepFor }, false, "its rules"],
    [{ _tag: "Unchanged", keepFor }, false, "its rules"],
    [{ _tag: "NoRules", reason: "status 404", keepFor }, true, "no rules: status 404"]
  ] as const)("RAC3: after %j the home page is allowed: %s", (meaning, allowed, reason) => {
    const known = { robots: rules, unreachableSinceMillis: 5 }
    const standing = RobotsAccess.stand(meaning, known, 1000)
    assert.strictEqual(standing.obey.isAllowed(home), allowed)
    assert.strictEqual(standing.robots, standing.obey)
    assert.strictEqual(standing.reason, reason)
    assert.strictEqual(standing.checkAtMillis, 1000 + 60 * minute)
    assert.isUndefined(standing.unreachableSinceMillis)
  })

  it("RAC3: unchanged without a copy means no rules", () => {
    const standing = RobotsAccess.stand({ _tag: "Unchanged", keepFor }, RobotsAccess.unknown, 0)
    assert.isTrue(standing.obey.isAllowed(home))
  })

  it("RAC4: while a site is unreachable its last rules hold", () => {
    const known = { robots: rules, unreachableSinceMillis: undefined }
    const { obey, reason, robots } = RobotsAccess.stand(unreachable, known, 1000)
    assert.deepStrictEqual([obey.isAllowed(home), obey.isAllowed(open)], [false, true])
    assert.strictEqual(robots, rules)
    assert.strictEqual(reason, "copy kept while unreachable: status 503")
  })

  it("RAC4: without rules nothing of an unreachable site is allowed", () => {
    const { obey, reason, robots } = RobotsAccess.stand(unreachable, RobotsAccess.unknown, 1000)
    assert.deepStrictEqual([obey.isAllowed(home), obey.isAllowed(open)], [false, false])
    assert.isUndefined(robots)
    assert.strictEqual(reason, "unreachable: status 503")
  })

  it.each([undefined, rules])(
    "RAC5: after 30 days everything is allowed, with and without a copy",
    (robots) => {
      const since = { robots, unreachableSinceMillis: 1000 }
      const at = (millis: number) => RobotsAccess.stand(unreachable, since, 1000 + millis)
      assert.isFalse(at(30 * day).obey.isAllowed(home))
      assert.isTrue(at(30 * day + 1).obey.isAllowed(home))
      assert.strictEqual(at(31 * day).unreachableSinceMillis, 1000)
      // A new answer starts the count again.
      const answered = RobotsAccess.stand(
        { _tag: "Rules", robots: rules, keepFor },
        at(31 * day),
        0
      )
      assert.isFalse(RobotsAccess.stand(unreachable, answered, 40 * day).obey.isAllowed(home))
    }
  )

  it("RAC6: it is asked again after as long as it has been unreachable", () => {
    let standing = RobotsAccess.stand(unreachable, RobotsAccess.unknown, 0)
    const waits: Array<number> = []
    for (let asked = 0; asked < 9; asked++) {
      const now = standing.checkAtMillis
      standing = RobotsAccess.stand(unreachable, standing, now)
      waits.push((standing.checkAtMillis - now) / minute)
    }
    assert.deepStrictEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60])
  })
})
