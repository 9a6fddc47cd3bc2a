import * as NodeServices from "@effect/platform-node/NodeServices"
import { FileSink, Format } from "@fibra/files"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Result, Schema } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import { selector } from "../src/Extract.ts"
import type * as Frontier from "../src/Frontier.ts"
import * as Job from "../src/Job.ts"
import { siteInMemory } from "./support/memorySite.ts"
import { links } from "./support/site.ts"

const origin = "http://shop.example"
const pages: Record<string, string> = {
  "/robots.txt": "",
  "/": `<h1>Shop</h1>${links("/tea", "/milk")}`,
  "/tea": "<title>Tea</title><i>4.50</i><u>2024-05-17</u>",
  "/milk": `<title>Milk</title><i>free</i>${links("/salt")}`,
  "/salt": "<title>Salt</title><i>1</i><u>soon</u>"
}
const shop = siteInMemory(pages)

const Book = Schema.Struct({
  title: Schema.NonEmptyString,
  price: Schema.FiniteFromString,
  since: Schema.NullOr(Schema.DateFromString)
})
const options = {
  seeds: [Result.getOrThrow(fromLink(origin))],
  selectors: ["price=i", "since=u"].map((text) => Result.getOrThrow(selector(text))),
  delay: 0
}
const rejects = [
  { url: `${origin}/milk`, fields: { title: "Milk", price: "free", since: null }, names: /price/ },
  { url: `${origin}/salt`, fields: { title: "Salt", price: "1", since: "soon" }, names: /since/ }
]

describe("Crawl with a schema", () => {
  it.effect("CRL30: rows are what the schema makes of them, and rejects are told with causes", () =>
    Effect.gen(function* () {
      const job = yield* Job.inMemory
      const crawl = yield* Crawl.make({
        ...options,
        job,
        schema: Book,
        keeps: (row) => row["price"] !== null
      })
      const prices: Array<number> = []
      const years: Array<number | undefined> = []
      const told: Array<Crawl.Event<typeof Book.Type>> = []
      yield* crawl.run((event) =>
        Effect.sync(() => {
          if (event._tag !== "Row") return told.push(event)
          prices.push(event.row.price)
          return years.push(event.row.since?.getUTCFullYear())
        })
      )
      assert.deepStrictEqual([prices, years], [[4.5], [2024]])
      assert.strictEqual(told.length, 2)
      for (const [index, { fields, names, url }] of rejects.entries()) {
        const event = told[index]!
        assert(event._tag === "RowRejected")
        assert.deepStrictEqual([event.url, event.fields], [url, fields])
        assert.match(event.cause, names)
        const decision = yield* Decisions.explain(job, url)
        assert.deepStrictEqual([decision?.state, decision?.reason], ["done", "rejected"])
        assert.strictEqual(decision?.detail, event.cause)
      }
      assert.strictEqual((yield* Decisions.explain(job, `${origin}/`))?.reason, "left out")
      const { done, left, rejected, rows } = yield* crawl.snapshot
      assert.deepStrictEqual([done, rows, rejected, left], [4, 1, 2, 0])
    }).pipe(Effect.scoped, Effect.provide(shop))
  )

  it.live("CRL30: rejects are in a file of their own, and what JSON has no form for is one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const open = (name: string) => (commit: FileSink.CommitHook<Frontier.Settlement>) =>
        FileSink.make({ path: `${directory}/${name}`, format: Format.jsonl, commit })
      const crawl = yield* Crawl.make({
        ...options,
        schema: Schema.Struct({
          title: Schema.NullOr(Schema.String),
          price: Schema.BigIntFromString
        }),
        output: open("rows"),
        rejects: open("rejects")
      })
      yield* crawl.run()
      assert.strictEqual(yield* fs.readFileString(`${directory}/rows`), "")
      const lines = (yield* fs.readFileString(`${directory}/rejects`)).trimEnd().split("\n")
      const salt = lines.map((line) => JSON.parse(line)).find(({ url }) => url.endsWith("/salt"))
      assert.match(salt.cause, /^it has no form in JSON: .*BigInt/)
      assert.strictEqual(lines.length, 4)
    }).pipe(Effect.scoped, Effect.provide([shop, NodeServices.layer]))
  )
})
