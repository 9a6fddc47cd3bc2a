import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Fetcher from "../src/Fetcher.ts"
import { behaviours, serveHostile } from "./support/hostile.ts"
import { serve } from "./support/server.ts"

/** Limits that only what never ends can reach, on a busy machine too. */
const layer = (options?: Fetcher.Options) =>
  Fetcher.layerNode({
    allowPrivate: true,
    bodyBytesMax: 4_100_000,
    headersTimeout: "1 second",
    idleTimeout: "1 second",
    ...options
  })
const optionsFor: Partial<Record<keyof typeof behaviours, Fetcher.Options>> = {
  "/drip": { timeout: "500 millis" },
  "/gigabyte-of-one-byte-chunks": { bodyBytesMax: 100_000 }
}
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
    }).pipe(Effect.provide(layer(optionsFor[path])))
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
        assert.isAbove(served, 5)
        assert.isBelow((peak - before) / 1_000_000, 200)
      }).pipe(Effect.provide(layer({ timeout: "3 seconds" })))
  )
})
