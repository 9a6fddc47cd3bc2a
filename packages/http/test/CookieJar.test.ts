import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import * as Client from "../src/Client.ts"
import * as CookieJar from "../src/CookieJar.ts"
import * as Fetcher from "../src/Fetcher.ts"
import * as Redirects from "../src/Redirects.ts"
import { serve } from "./support/server.ts"

/** What a jar sends to `to` after `from` has set the cookies. */
const sent = (from: string, setCookies: ReadonlyArray<string>, to = from) =>
  Effect.gen(function* () {
    const jar = yield* CookieJar.make()
    yield* jar.store(new URL(from), setCookies)
    return yield* jar.headerFor(new URL(to))
  })

describe("CookieJar", () => {
  it.effect.each([
    ["https://shop.test/a/b", "c=1", "https://shop.test/a/b", "c=1"],
    ["https://shop.test/a/b", "c=1", "https://shop.test/x", undefined],
    ["https://shop.test/a/b", "c=1; Path=/", "https://shop.test/x", "c=1"],
    ["https://shop.test/", "c=1", "https://www.shop.test/", undefined],
    ["https://www.shop.test/", "c=1; Domain=shop.test", "https://shop.test/", "c=1"],
    ["https://www.shop.test/", "c=1; Domain=.shop.test", "https://api.shop.test/", "c=1"],
    ["https://shop.test/", "c=1; Domain=other.test", "https://other.test/", undefined],
    ["https://shop.test/", "c=1; Domain=other.test", "https://shop.test/", undefined],
    ["https://shop.test/", "c=1; Secure", "http://shop.test/", undefined]
  ] as const)("CKJ1: set by %s, %s is sent to %s as %s", ([from, cookie, to, expected]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* sent(from, [cookie], to), expected)
    })
  )

  it.effect.each([
    ["https://shop.co.uk/", "c=1; Domain=co.uk", "https://other.co.uk/", undefined],
    ["https://shop.co.uk/", "c=1; Domain=co.uk", "https://shop.co.uk/", undefined],
    ["https://me.github.io/", "c=1; Domain=github.io", "https://you.github.io/", undefined],
    ["https://github.io/", "c=1; Domain=github.io", "https://github.io/", "c=1"],
    ["https://github.io/", "c=1; Domain=github.io", "https://you.github.io/", undefined],
    ["https://shop.com/", "c=1; Domain=com", "https://other.com/", undefined],
    ["http://10.0.0.1/", "c=1; Domain=0.0.1", "http://10.0.0.1/", undefined]
  ] as const)(
    "CKJ2: no site sets a cookie for a public suffix: %s, %s",
    ([from, cookie, to, expected]) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* sent(from, [cookie], to), expected)
      })
  )

  it.effect.each([
    ["http://shop.test/", "c=1; Secure"],
    ["http://shop.test/", "__Secure-c=1; Secure"],
    ["https://shop.test/", "__Secure-c=1"],
    ["https://shop.test/", "__Host-c=1; Secure; Path=/; Domain=shop.test"],
    ["https://shop.test/", "__Host-c=1; Secure; Path=/x"]
  ] as const)("CKJ3: from %s, %s is not kept", ([from, cookie]) =>
    Effect.gen(function* () {
      const jar = yield* CookieJar.make()
      yield* jar.store(new URL(from), [cookie])
      assert.deepStrictEqual(yield* jar.cookies, [])
    })
  )

  it.effect("CKJ3: what keeps its promise is kept", () =>
    Effect.gen(function* () {
      const header = yield* sent("https://shop.test/", [
        "__Host-c=1; Secure; Path=/",
        "__Secure-d=2; Secure"
      ])
      assert.strictEqual(header, "__Host-c=1; __Secure-d=2")
    })
  )

  it.effect("CKJ4: a cookie ends at its time, by the clock of the program", () =>
    Effect.gen(function* () {
      const jar = yield* CookieJar.make()
      const url = new URL("https://shop.test/")
      yield* jar.store(url, ["c=1; Max-Age=60", "d=2"])
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* jar.headerFor(url), "c=1; d=2")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* jar.headerFor(url), "d=2")
      yield* jar.store(url, ["d=; Max-Age=0"])
      assert.isUndefined(yield* jar.headerFor(url))
    })
  )

  it.effect("CKJ5: a jar is bounded in all, by domain and by cookie", () =>
    Effect.gen(function* () {
      const jar = yield* CookieJar.make({
        cookiesMax: 5,
        cookiesPerDomainMax: 3,
        cookieBytesMax: 10
      })
      const flood = Array.from({ length: 10_000 }, (_, i) => `c${i}=1`)
      yield* jar.store(new URL("https://a.test/"), flood)
      yield* jar.store(new URL("https://a.test/"), ["new=1", "large=123456"])
      assert.strictEqual(yield* jar.headerFor(new URL("https://a.test/")), "c1=1; c2=1; new=1")
      for (const host of ["b", "c", "d"]) {
        yield* jar.store(new URL(`https://${host}.test/`), ["x=1", "y=1"])
      }
      const names = (yield* jar.cookies).map(({ name, options }) => `${options?.domain} ${name}`)
      assert.deepStrictEqual(names, ["b.test y", "c.test x", "c.test y", "d.test x", "d.test y"])
    })
  )

  it.effect.each(["", "=", ";", "novalue", "a=b; Max-Age=never; Path", "a=\u0000"])(
    "CKJ6: a broken cookie does no harm: %j",
    (text) =>
      Effect.gen(function* () {
        yield* sent("https://shop.test/", [text])
      })
  )

  it.live("CKJ7: a client with a jar keeps a session over redirects", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        if (request.url === "/login") {
          return response
            .writeHead(303, {
              location: "/home",
              "set-cookie": ["session=7; Path=/", "theme=dark; Path=/"]
            })
            .end()
        }
        response.end(request.headers.cookie ?? "no session")
      })
      const jar = yield* CookieJar.make()
      const client = (yield* HttpClient.HttpClient).pipe(CookieJar.withJar(jar), Redirects.follow())
      const home = yield* client.post(server.url("/login"))
      assert.strictEqual(yield* home.text, "session=7; theme=dark")
      const other = server.url("/home", "localhost")
      assert.strictEqual(yield* (yield* client.get(other)).text, "no session")
    }).pipe(Effect.provide(Client.layerNode({ allowPrivate: true })))
  )

  it.live("CKJ8: a fetcher with a jar keeps a session, and a cookie of its own wins", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        response.setHeader("set-cookie", "session=7; Path=/")
        response.end(request.headers.cookie ?? "no session")
      })
      const jar = yield* CookieJar.make()
      const bodies = Effect.gen(function* () {
        const fetcher = yield* Fetcher.Fetcher
        const first = yield* fetcher.fetch(server.url("/"))
        const second = yield* fetcher.fetch(server.url("/"))
        const own = yield* fetcher.fetch(server.url("/"), { cookie: "mine=1" })
        return [first, second, own].map(({ body }) => Buffer.from(body).toString())
      })
      assert.deepStrictEqual(
        yield* bodies.pipe(Effect.provide(Fetcher.layerNode({ allowPrivate: true, cookies: jar }))),
        ["no session", "session=7", "mine=1"]
      )
    })
  )
})
