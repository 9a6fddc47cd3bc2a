import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Fetcher from "../src/Fetcher.ts"
import { behaviours, serveHostile } from "./support/hostile.ts"
import { serve } from "./support/server.ts"

const paths = Object.keys(behaviours) as ReadonlyArray<keyof typeof behaviours>
const rounds = 3
const attackersPerPath = 4

describe("hostile servers, with the limits that users have", () => {
  it.live(
    "HTP13: sixteen at once, again and again, stay below 300 MB, and a good host is served meanwhile",
    () =>
      Effect.gen(function* () {
        const hostile = yield* serveHostile
        const good = yield* serve((_, response) => response.end("hello"))
        const fetcher = yield* Fetcher.Fetcher
        const before = process.memoryUsage().rss
        let peak = before
        let served = 0
        for (let round = 0; round < rounds; round++) {
          const attack = (path: keyof typeof behaviours) =>
            Effect.map(Effect.result(fetcher.fetch(hostile.url(path))), (result) => {
              const tag = result._tag === "Failure" ? result.failure._tag : undefined
              assert.strictEqual(tag, behaviours[path][0], path)
            })
          const all = Array.from({ length: attackersPerPath }, () => paths).flat()
          const attacks = yield* Effect.forkChild(
            Effect.forEach(all, attack, { concurrency: 16, discard: true }),
            { startImmediately: true }
          )
          while (attacks.pollUnsafe() === undefined) {
            assert.strictEqual((yield* fetcher.fetch(good.url("/"))).status, 200)
            served += 1
            peak = Math.max(peak, process.memoryUsage().rss)
          }
          yield* Fiber.join(attacks)
        }
        assert.isAbove(served, 1000)
        assert.isBelow((peak - before) / 1_000_000, 300)
      }).pipe(Effect.provide(Fetcher.layerNode({ allowPrivate: true }))),
    300_000
  )
})
