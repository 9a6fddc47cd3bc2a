import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { fromLink } from "../src/CanonicalUrl.ts"
import * as Crawl from "../src/Crawl.ts"
import * as Decisions from "../src/Decisions.ts"
import { selector } from "../src/Extract.ts"
import * as Job from "../src/Job.ts"
import { siteInMemory } from "./support/memorySite.ts"
import { links } from "./support/site.ts"

const origin = "http://shop.example"
const seeds = [Result.getOrThrow(fromLink(`${origin}/`))]
const price = Result.getOrThrow(selector("price=i"))
const Priced = Schema.Struct({ price: Schema.FiniteFromString })
const PricedOrNot = Schema.Struct({ price: Schema.NullOr(Schema.FiniteFromString) })

/** One life of a crawl; gives the paths of its rows, and checks the account against the pages. */
const crawl = Effect.fnUntraced(function* (
  job: Job.Job,
  schema: Schema.ConstraintDecoder<{ readonly price: number | null }>
) {
  const options = { seeds, job, schema, selectors: [price], retriesMax: 0, delay: 0 }
  const crawl = yield* Crawl.make(options)
  const paths: Array<string> = []
  yield* crawl.run((event) =>
    Effect.sync(() => void (event._tag === "Row" && paths.push(event.row.url.slice(origin.length))))
  )
  const account = yield* crawl.snapshot
  const { discovered, done, failed, left, rejected, rows, skipped } = account
  assert.strictEqual(discovered, done + failed + skipped + left)
  assert.strictEqual(done, rows + rejected)
  assert.deepStrictEqual(yield* Decisions.recount(job), { done, failed, skipped, left })
  return { account, paths: paths.toSorted() }
})

describe("Job.retry", () => {
  it.effect(
    "JOB1: what failed, what waited for robots.txt and what was rejected is queued again",
    () =>
      Effect.gen(function* () {
        const pages: Record<string, string | { status: number }> = {
          "/robots.txt": { status: 503 },
          "/": `<i>0</i>${links("ill", "gone", "free")}`,
          "/ill": { status: 503 },
          "/free": "no price"
        }
        const site = Effect.provide(siteInMemory(pages))
        const job = yield* Job.inMemory
        const kept = yield* site(crawl(job, Priced))
        assert.deepStrictEqual(kept.account.skippedBy, { "robots unavailable": 1 })
        assert.deepStrictEqual(yield* Job.retry(job, (cause) => cause.startsWith("status")), {})
        assert.deepStrictEqual(yield* Job.retry(job, () => true), { "robots unavailable": 1 })

        pages["/robots.txt"] = ""
        const first = yield* site(crawl(job, Priced))
        assert.deepStrictEqual(first.paths, ["/"])
        assert.deepStrictEqual(first.account.failedBy, { "status 503": 1, "status 404": 1 })
        assert.strictEqual(first.account.rejected, 1)
        const asked: Array<string> = []
        const queued = yield* Job.retry(job, (cause) => {
          asked.push(cause)
          return cause !== "status 404"
        })
        assert.deepStrictEqual(asked.toSorted(), ["rejected", "status 404", "status 503"])
        assert.deepStrictEqual(queued, { "status 503": 1, rejected: 1 })

        pages["/ill"] = "<i>2</i>"
        const second = yield* site(crawl(job, PricedOrNot))
        assert.deepStrictEqual(second.paths, ["/free", "/ill"])
        const { failedBy, rejected, rows } = second.account
        assert.deepStrictEqual([failedBy, rejected, rows], [{ "status 404": 1 }, 0, 3])
      }).pipe(Effect.scoped)
  )
})
