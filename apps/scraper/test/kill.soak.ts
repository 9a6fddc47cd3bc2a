import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { crawlWithKills } from "./support/kills.ts"

describe("scraper, killed", () => {
  it.live(
    "SCR20: twenty kills of a crawl of 2,000 pages, and each life is at work within two seconds",
    () =>
      Effect.gen(function* () {
        const moments = yield* Effect.replicateEffect(Random.next, 20)
        let next = 0
        const random = () => moments[next++ % moments.length]!
        const { again, resumes } = yield* crawlWithKills({ pages: 2000, kills: 20, random })
        yield* Effect.log(
          `${resumes.length} resumes, the slowest took ${Math.max(...resumes)} ms;`,
          {
            again
          }
        )
        assert.isBelow(Math.max(...resumes), 2000)
      }),
    300_000
  )

  it.live(
    "SCR74: after eight kills each answer is in the archive once and whole",
    () =>
      Effect.gen(function* () {
        const moments = yield* Effect.replicateEffect(Random.next, 8)
        let next = 0
        const random = () => moments[next++ % moments.length]!
        yield* crawlWithKills({ pages: 600, kills: 8, random, archive: true })
      }),
    120_000
  )
})
