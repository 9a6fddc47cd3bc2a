/** Scraping: a small site, crawled politely, with one page that is broken. */
import assert from "node:assert/strict"
import { CanonicalUrl, Crawl } from "@fibra/crawl"
import { Fetcher } from "@fibra/http"
import { Console, Effect, Result } from "effect"
import { HttpServerResponse } from "effect/http"
import { serve } from "../Server.ts"

const pages: Record<string, string> = {
  "/robots.txt": "User-agent: *\nDisallow: /private",
  "/": "<title>Shop</title><a href=/tea>tea</a><a href=/jam>jam</a>",
  "/tea": "<title>Tea</title><a href=/>back</a><a href=/private>staff</a>",
  "/jam": "<title>Jam</title><a href=/gone>old</a><a href=/tea>tea</a>"
}

export const main = Effect.gen(function* () {
  const asked: Array<string> = []
  const origin = yield* serve((path) =>
    Effect.sync(() => {
      asked.push(path)
      const body = pages[path]
      return body === undefined
        ? HttpServerResponse.text("", { status: 404 })
        : HttpServerResponse.text(body, {
            contentType: path === "/robots.txt" ? "text/plain" : "text/html"
          })
    })
  )

  const seed = Result.getOrThrow(CanonicalUrl.fromLink(origin))
  const crawl = yield* Crawl.make({ seeds: [seed], delay: "2 millis" })
  const titles: Array<string | null> = []
  const failed: Array<string> = []
  yield* crawl
    .run((event) =>
      Effect.sync(() => {
        if (event._tag === "Row") titles.push(event.row.title)
        else failed.push(event.cause)
      })
    )
    .pipe(Effect.provide(Fetcher.layerNode({ allowPrivate: true })))

  const { discovered, done, skipped } = yield* crawl.snapshot
  yield* Console.log("titles:", titles.toSorted().join(", "))
  yield* Console.log("failed:", failed.join(", "))
  yield* Console.log("forbidden pages asked for:", asked.includes("/private"))
  assert.deepEqual(titles.toSorted(), ["Jam", "Shop", "Tea"])
  // Every address is accounted for, and none was asked for twice.
  assert.equal(discovered, done + failed.length + skipped)
  assert.equal(new Set(asked).size, asked.length)
})
