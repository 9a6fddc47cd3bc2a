import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crawlWithKills } from "./support/kills.ts"

describe("scraper, killed", () => {
  it.live("SCR20: after kill -9 at any moment the same command ends with each row once", () =>
    Effect.gen(function* () {
      const moments = [0.3, 0.9, 0.6]
      let next = 0
      const random = () => moments[next++ % moments.length]!
      const { again, resumes } = yield* crawlWithKills({ pages: 300, kills: 3, random })
      // Otherwise the kills came too late to prove anything.
      assert.isAtLeast(resumes.length, 2)
      assert.isAbove(again, 0)
    })
  )
})
