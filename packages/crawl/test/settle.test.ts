import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import { settlePage } from "../src/internal/settle.ts"
import * as Robots from "../src/Robots.ts"

const link = (path: string) => Result.getOrThrow(fromLink(`http://shop.example${path}`))
const page = {
  id: 1,
  ...link("/old"),
  depth: 1,
  redirectedFrom: [],
  attempts: 0,
  due: 0,
  rank: 0,
  isWaiting: false,
  validators: undefined,
  canonical: undefined
}
const policy = {
  retriesMax: 3,
  retryMillis: 1000,
  retryAfterMaxMillis: 60_000,
  ignoresRobots: false,
  isSeed: () => true,
  parseRobots: () => ({ robots: Robots.allowAll, delayMillis: 0 })
}

describe("settlePage", () => {
  it.each([
    [undefined, undefined],
    ["30", 31_000],
    ["99999", 61_000]
  ] as const)(
    "CRL19: a redirect with Retry-After %s lets its host rest until %s",
    (retryAfter, until) => {
      const reading = { _tag: "Redirect", to: link("/new"), retryAfter } as const
      const moment = { nowMillis: 1000, chance: 0.5 }
      const { conduct, found, outcome } = settlePage(page, reading, policy, moment, false)
      assert.deepStrictEqual(conduct, {
        nowMillis: 1000,
        isAnswered: true,
        pauseUntilMillis: until
      })
      assert.deepStrictEqual([outcome._tag, found[0]?.key], ["Skipped", link("/new").key])
    }
  )

  it.each([
    [429, true],
    [503, false],
    [404, false]
  ])("FRO22: status %d says that a host is asked too much: %s", (status, isTooMuch) => {
    const cause = `status ${status}`
    const failed = { _tag: "Fail", cause, message: cause, isTransient: status !== 404 } as const
    const reading = { ...failed, status, retryAfter: undefined }
    const { conduct } = settlePage(page, reading, policy, { nowMillis: 0, chance: 0 }, false)
    assert.strictEqual(conduct.isTooMuch, isTooMuch)
  })
})
