import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as NetFlags from "../src/NetFlags.ts"
import { crawlHere } from "./support/here.ts"
import { serve, temporaryDirectory } from "./support/program.ts"

/** Samples by name and labels, as a Prometheus server reads them; each family must be declared once. */
const read = (text: string) => {
  assert.isTrue(text.endsWith("\n"))
  const samples: Record<string, number> = {}
  const declared = new Set<string>()
  for (const line of text.trimEnd().split("\n")) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line)?.[1]
    if (type !== undefined) {
      assert.isFalse(declared.has(type), `${type} is declared twice`)
      declared.add(type)
    }
    if (line.startsWith("#")) continue
    const [, name, labels, value] =
      /^([a-z0-9_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? ([\d.e+-]+)$/.exec(line) ?? []
    assert.isDefined(value, line)
    assert.isTrue(declared.has(name!.replace(/_(bucket|sum|count)$/, "")), line)
    samples[name! + (labels ?? "")] = Number(value)
  }
  return samples
}

describe("scraper crawl --metrics", () => {
  it.live("SCR76: a crawl that runs tells what it has counted", () =>
    Effect.gen(function* () {
      const [halted, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const origin = yield* serve((request, response) => {
        const { url } = request
        if (url === "/robots.txt") return response.end("User-agent: *\nDisallow: /secret")
        if (url === "/") return response.end("<a href=secret><a href=slow>")
        if (url === "/gone") return response.writeHead(404).end()
        Deferred.doneUnsafe(halted, Effect.void)
        return Effect.runFork(
          Effect.andThen(
            Deferred.await(go),
            Effect.sync(() => response.end())
          )
        )
      })
      const out = join(yield* temporaryDirectory, "out.jsonl")
      // A port that is free now.
      const port = Number(new URL(yield* Effect.scoped(serve(() => {}))).port)
      const flags = ["--allow-private", "--per-host", "1", "--metrics", `:${port}`]
      const seeds = [`${origin}/gone`, `${origin}/`]
      const fiber = yield* Effect.forkChild(crawlHere(...seeds, "-o", out, ...flags))
      yield* Deferred.await(halted)
      const ask = (path: string) =>
        Effect.promise(async () => {
          const answer = await fetch(`http://127.0.0.1:${port}${path}`)
          return { status: answer.status, text: await answer.text() }
        })
      // The pages before are committed within a tenth of a second.
      let found = read((yield* ask("/metrics")).text)
      while (found['scraper_pages_skipped_total{reason="robots"}'] !== 1) {
        yield* Effect.sleep("10 millis")
        found = read((yield* ask("/metrics")).text)
      }
      assert.strictEqual(found['scraper_pages_failed_total{cause="status 404"}'], 1)
      assert.strictEqual(found['scraper_pages_total{state="done"}'], 1)
      assert.strictEqual(found["scraper_pages_left"], 1)
      assert.strictEqual(found["scraper_rows_total"], 1)
      assert.strictEqual(found["scraper_requests_active"], 1)
      assert.strictEqual(found["scraper_responses_total"], 3)
      assert.strictEqual(found["scraper_request_duration_seconds_count"], 3)
      assert.strictEqual(found['scraper_request_duration_seconds_bucket{le="+Inf"}'], 3)
      assert.isAbove(found["process_resident_memory_bytes"]!, 1e7)
      assert.strictEqual((yield* ask("/")).status, 404)
      yield* Deferred.succeed(go, undefined)
      assert.strictEqual((yield* Fiber.join(fiber)).code, 8)
      yield* Effect.flip(Effect.tryPromise(() => fetch(`http://127.0.0.1:${port}/metrics`)))
    })
  )

  it.live("SCR76: an address that is taken is found out before anything is started", () =>
    Effect.gen(function* () {
      let hits = 0
      const origin = yield* serve((_, response) => {
        hits += 1
        response.end()
      })
      const out = join(yield* temporaryDirectory, "out.jsonl")
      const { host } = new URL(origin)
      const ended = yield* crawlHere(origin, "-o", out, "--allow-private", "--metrics", host)
      assert.strictEqual(ended.code, 3)
      assert.match(ended.reason, /^cannot serve metrics at 127.0.0.1:\d+: .*EADDRINUSE/)
      assert.deepStrictEqual([hits, existsSync(`${out}.job`)], [0, false])
    })
  )

  it.each([
    ["9464", { host: "127.0.0.1", port: 9464 }],
    [":9464", { host: "127.0.0.1", port: 9464 }],
    ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
    ["[::1]:9464", { host: "::1", port: 9464 }],
    ["metrics.local:1", { host: "metrics.local", port: 1 }],
    [":70000", undefined],
    ["here", undefined],
    ["http://x:1", undefined],
    ["", undefined]
  ] as const)("SCR76: the address %j", (text, expected) => {
    assert.deepStrictEqual(NetFlags.parseAddress(text), expected)
  })
})
