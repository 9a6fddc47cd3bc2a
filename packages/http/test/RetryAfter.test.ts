import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { parse } from "../src/RetryAfter.ts"

const now = Date.UTC(2026, 10, 6, 8, 49, 37)

describe("RetryAfter", () => {
  it.each([
    ["0", 0],
    [" 3 ", 3_000],
    ["Fri, 06 Nov 2026 08:49:40 GMT", 3_000],
    ["Friday, 06-Nov-26 08:49:40 GMT", 3_000],
    ["Fri Nov  6 08:49:40 2026", 3_000],
    ["Fri, 06 Nov 2026 08:00:00 GMT", 0]
  ])("RAF1: %j is read", (header, millis) => {
    assert.strictEqual(Duration.toMillis(parse(header, now)!), millis)
  })

  it.each([
    undefined,
    "",
    "soon",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "Nov 2026",
    "2026-11-06",
    "Fri, 99 Nov 2026 08:49:40 GMT"
  ])("RAF1: %j says nothing", (header) => {
    assert.isUndefined(parse(header, now))
  })

  it.each(["99999999", "9".repeat(400), "Fri, 06 Nov 2099 08:49:40 GMT"])(
    "RAF2: %j is cut to the longest wait",
    (header) => {
      assert.strictEqual(Duration.toMillis(parse(header, now)!), 600_000)
      assert.strictEqual(Duration.toMillis(parse(header, now, "1 minute")!), 60_000)
    }
  )
})
