import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Result } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import { siteInMemory } from "./support/memorySite.ts"
import { links } from "./support/site.ts"

const origin = "http://shop.example"
const hour = 60 * 60 * 1000

describe("Crawl and the clock", () => {
  it.live.each([-hour, hour])(
    "CRL35: a clock that is set by %d milliseconds neither stops a crawl nor hurries it",
    (jump) =>
      Effect.gen(function* () {
        const clock = yield* Clock.clockWith(Effect.succeed)
        let set = 0
        const settable = new Proxy(clock, {
          get: (target, name, self) =>
            name === "currentTimeMillisUnsafe"
              ? () => target.currentTimeMillisUnsafe() + set
              : name === "currentTimeMillis"
                ? Effect.sync(() => target.currentTimeMillisUnsafe() + set)
                : Reflect.get(target, name, self)
        })
        const crawl = yield* Crawl.make({
          seeds: [Result.getOrThrow(fromLink(origin))],
          delay: "40 millis"
        }).pipe(Effect.provideService(Clock.Clock, settable))
        const started = performance.now()
        const starts: Array<number> = []
        yield* crawl
          .run(() =>
            Effect.sync(() => {
              starts.push(performance.now() - started)
              set = jump
            })
          )
          .pipe(Effect.provideService(Clock.Clock, settable), Effect.timeout("3 seconds"))
        assert.strictEqual((yield* crawl.snapshot).done, 4)
        assert.isAbove(starts.at(-1)!, 4 * 40 - 5)
      }).pipe(
        Effect.scoped,
        Effect.provide(
          siteInMemory({
            "/robots.txt": "",
            "/": links("a", "b", "c"),
            "/a": "",
            "/b": "",
            "/c": ""
          })
        )
      )
  )
})
