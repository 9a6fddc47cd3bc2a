import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import * as RobotsAccess from "../src/RobotsAccess.ts"

const url = new URL("http://site.example/robots.txt")
const home = new URL("http://site.example/")
const body = "User-agent: *\nDisallow: /\nAllow: /open"
const open = new URL("http://site.example/open")

const response = (status: number, headers: { location?: string; cacheControl?: string } = {}) =>
  ({ _tag: "Response", url, status, body, ...headers }) as const
const noAnswer = { _tag: "NoAnswer", cause: "connection refused" } as const
const meaningOf = (answer: RobotsAccess.Answer, redirects = 0) =>
  RobotsAccess.interpret(answer, redirects, "fibra")

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
})
