import { Fetcher } from "@fibra/http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { ServerResponse } from "node:http"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import { vectors } from "./support/robotsVectors.ts"
import { links, redirect, serve, type Site, status } from "./support/site.ts"

const local = Effect.provide(Fetcher.layerNode({ allowPrivate: true, timeout: "5 seconds" }))

/** What the server was asked for, besides robots.txt, when a crawl starts at these paths. */
const asked = Effect.fnUntraced(function* (
  site: Site,
  paths: ReadonlyArray<string>,
  productToken = "fibra"
) {
  const seeds = paths.map((path) => Result.getOrThrow(fromLink(site.origin + path)))
  const crawl = yield* Crawl.make({ seeds, productToken, delay: 0, retriesMax: 0 })
  yield* crawl.run()
  const { discovered, done, failed, skipped } = yield* crawl.snapshot
  assert.strictEqual(discovered, done + failed + skipped)
  const isPage = (path: string) => !/^\/(robots\.txt|hop-)/.test(path)
  return site.log.filter(isPage).toSorted()
})

// A URL of 16,000 characters is no request that a server takes.
const short = vectors.filter(({ lines }) => lines.every((line) => line.length < 2000))

const rules = "User-agent: *\nDisallow: /no\n"
const hops = (count: number, end: (response: ServerResponse) => void) =>
  Object.fromEntries([
    ...Array.from({ length: count - 1 }, (_, n) => [
      `/hop-${n + 1}`,
      redirect(`/hop-${n + 2}`, 301)
    ]),
    [`/hop-${count}`, end]
  ])
const file = (body: string) => status(200, body)
const both = ["/no/secret", "/yes"]
const allowed = ["/yes"]
const drop = (response: ServerResponse) => void response.socket!.resetAndDestroy()

describe("Crawl and robots.txt, by the log of the server", () => {
  it.live.each(short.map((vector) => [vector.token, vector.about, vector] as const))(
    "CRL5: %s asks for nothing that %s forbids, and for all that it allows",
    ([token, , { allowed, disallowed, lines }]) =>
      Effect.gen(function* () {
        const site = yield* serve({ "/robots.txt": status(200, lines.join("\n")) })
        const log = yield* asked(site, [...allowed, ...disallowed], token)
        // Encoded letters are sent as they were written, and are one page.
        const decoded = new Set(allowed.map((path) => path.replace("%62%61%7A", "baz")))
        assert.deepStrictEqual(
          log.map((path) => path.replace("%62%61%7A", "baz")),
          [...decoded].toSorted()
        )
      }).pipe(local)
  )

  it.live("CRL5: a robots.txt may be longer than pages", () =>
    Effect.gen(function* () {
      const site = yield* serve({
        "/robots.txt": file(`${`#${"x".repeat(99)}\n`.repeat(90)}${rules}`),
        "/": links("no", "open"),
        "/open": ""
      })
      const seeds = [Result.getOrThrow(fromLink(site.origin))]
      const crawl = yield* Crawl.make({ seeds, delay: 0 })
      yield* crawl.run()
      const { done, skippedBy } = yield* crawl.snapshot
      assert.deepStrictEqual([done, skippedBy], [2, { robots: 1 }])
    }).pipe(Effect.provide(Fetcher.layerNode({ allowPrivate: true, bodyBytesMax: 1000 })))
  )

  it.live.each([
    ["200", { "/robots.txt": file(rules) }, allowed],
    ["200 with a mark", { "/robots.txt": file(`\uFEFF${rules}`) }, allowed],
    ["204", { "/robots.txt": status(204) }, both],
    ["600 KiB", { "/robots.txt": file(`${rules}${`#${"x".repeat(99)}\n`.repeat(6200)}`) }, allowed],
    [
      "a rule after 600 KiB",
      { "/robots.txt": file(`${`#${"x".repeat(99)}\n`.repeat(6200)}${rules}`) },
      both
    ],
    ["HTML", { "/robots.txt": file(`<html>${links("no")}</html>`) }, both],
    ["401", { "/robots.txt": status(401, rules) }, both],
    ["403", { "/robots.txt": status(403, rules) }, both],
    ["404", { "/robots.txt": status(404, rules) }, both],
    ["410", { "/robots.txt": status(410, rules) }, both],
    ["429", { "/robots.txt": status(429, rules) }, []],
    ["500", { "/robots.txt": status(500, rules) }, []],
    ["503", { "/robots.txt": status(503, rules) }, []],
    ["no answer", { "/robots.txt": drop }, []],
    ["5 redirects", { "/robots.txt": redirect("/hop-1"), ...hops(5, file(rules)) }, allowed],
    ["6 redirects", { "/robots.txt": redirect("/hop-1"), ...hops(6, file(rules)) }, both],
    ["a redirect to a 503", { "/robots.txt": redirect("/hop-1"), ...hops(1, status(503)) }, []],
    ["a redirect to a 404", { "/robots.txt": redirect("/hop-1"), ...hops(1, status(404)) }, both],
    ["a redirect to nowhere", { "/robots.txt": status(301) }, both],
    ["a redirect to no web page", { "/robots.txt": redirect("mailto:x@y") }, both]
  ] as const)("CRL5: a robots.txt with %s lets through what it should", ([, pages, expected]) =>
    Effect.gen(function* () {
      const site = yield* serve(pages)
      assert.deepStrictEqual(yield* asked(site, both), [...expected])
    }).pipe(local)
  )
})
