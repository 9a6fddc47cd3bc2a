import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Fetcher from "../src/Fetcher.ts"
import { behaviours, serveHostile } from "./support/hostile.ts"
import { serve } from "./support/server.ts"

const layer = Fetcher.layerNode({
  allowPrivate: true,
  bodyBytesMax: 5_000_000,
  timeout: "1 second",
  headersTimeout: "500 millis",
  idleTimeout: "500 millis"
})
const paths = Object.keys(behaviours) as ReadonlyArray<keyof typeof behaviours>

describe("hostile servers", () => {
  it.live.each(paths)("HTP13: %s ends as it must", (path) =>
    Effect.gen(function* () {
      const server = yield* serveHostile
      const fetcher = yield* Fetcher.Fetcher
      const result = yield* Effect.result(fetcher.fetch(server.url(path)))
      const tag = result._tag === "Failure" ? result.failure._tag : undefined
      assert.strictEqual(tag, behaviours[path][0])
      if (result._tag === "Failure") assert.notInclude(result.failure.message, "\n")
    }).pipe(Effect.provide(layer))
  )

  it.live(
    "HTP13: all of them at once need bounded memory, and a good host is served meanwhile",
    () =>
      Effect.gen(function* () {
        const hostile = yield* serveHostile
        const good = yield* serve((_, response) => response.end("hello"))
        const fetcher = yield* Fetcher.Fetcher
        const before = process.memoryUsage().rss
        let peak = before
        const attacks = yield* Effect.forkChild(
          Effect.forEach(
            [...paths, ...paths],
            (path) => Effect.exit(fetcher.fetch(hostile.url(path))),
            {
              concurrency: "unbounded",
              discard: true
            }
          ),
          { startImmediately: true }
        )
        let served = 0
        while (attacks.pollUnsafe() === undefined) {
          const { body, status } = yield* fetcher.fetch(good.url("/"))
          assert.deepStrictEqual([status, body.length], [200, 5])
          served += 1
          peak = Math.max(peak, process.memoryUsage().rss)
        }
        yield* Fiber.join(attacks)
        assert.isAbove(served, 50)
        assert.isBelow((peak - before) / 1_000_000, 200)
      }).pipe(Effect.provide(layer))
  )
})
