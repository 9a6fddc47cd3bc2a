import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import * as Headers from "effect/http/Headers"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import * as Job from "../src/Job.ts"
import { links, serve } from "./support/site.ts"

/** A site on the internet, without one; all else is asked for on the real network, under its guard. */
const internetWith = (pages: Record<string, { location?: string; html?: string }>) =>
  Layer.effect(
    Fetcher.Fetcher,
    Effect.map(Fetcher.Fetcher, (real): Fetcher.Fetcher["Service"] => ({
      fetch: (url, headers) => {
        if (url.hostname !== "shop.example") return real.fetch(url, headers)
        const { html = "", location } = pages[url.pathname] ?? {}
        const body = new TextEncoder().encode(html)
        return Effect.succeed({
          url: url.href,
          status: location === undefined ? 200 : 302,
          headers: Headers.fromInput({ "content-type": "text/html", location }),
          setCookies: [],
          body,
          bytesSent: body.length,
          truncated: false
        })
      }
    }))
  ).pipe(Layer.provide(Fetcher.layerNode()))

describe("Crawl and private addresses", () => {
  it.live("CRL42: links, redirects and names to private addresses are refused, and say why", () =>
    Effect.gen(function* () {
      const inside = yield* serve({ "/": "secret" })
      const { port } = new URL(inside.origin)
      const refused = {
        [`${inside.origin}/`]: "loopback",
        [`http://localhost:${port}/`]: "loopback",
        "http://10.0.0.1/": "private",
        "http://169.254.169.254/latest/": "link-local",
        [`http://[::ffff:7f00:1]:${port}/`]: "loopback"
      }
      const spellings = [`http://2130706433:${port}/`, `http://0x7f.1:${port}/`]
      const job = yield* Job.inMemory
      const crawl = yield* Crawl.make({
        seeds: [Result.getOrThrow(fromLink("http://shop.example/"))],
        job,
        scope: "all",
        delay: 0
      })
      yield* crawl.run().pipe(
        Effect.provide(
          internetWith({
            "/": {
              html: links(...Object.keys(refused), ...spellings, "/metadata", "/home", "/a")
            },
            "/metadata": { location: "http://169.254.169.254/iam" },
            "/home": { location: `http://127.0.0.1:${port}/home` }
          })
        )
      )
      assert.deepStrictEqual(inside.log, [])
      const redirected = {
        "http://169.254.169.254/iam": "link-local",
        [`${inside.origin}/home`]: "loopback"
      }
      for (const [url, kind] of Object.entries({ ...refused, ...redirected })) {
        const { reason, state } = (yield* Decisions.explain(job, url))!
        assert.deepStrictEqual([url, state, reason], [url, "failed", `${kind} address refused`])
      }
      const { done, failed, left, skippedBy } = yield* crawl.snapshot
      assert.deepStrictEqual([done, failed, left], [2, 7, 0])
      assert.deepStrictEqual(skippedBy, { redirected: 2 })
    })
  )
})
