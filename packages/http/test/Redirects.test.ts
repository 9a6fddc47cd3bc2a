import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpBody, HttpClient, HttpClientRequest } from "effect/http"
import type { IncomingMessage } from "node:http"
import { text as readText } from "node:stream/consumers"
import * as Client from "../src/Client.ts"
import * as Fetcher from "../src/Fetcher.ts"
import * as Redirects from "../src/Redirects.ts"
import { serve } from "./support/server.ts"

/** What the target of the last redirect saw, which it answers as JSON. */
interface Seen {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly headers: Record<string, string>
}

const echo = async (request: IncomingMessage) => {
  const { headers, method, url } = request
  return JSON.stringify({ method, url, headers, body: await readText(request) })
}

/** `/to/STATUS/PATH` redirects to the path; all else answers what it has seen. */
const site = serve((request, response) => {
  const [, status, target] = /^\/to\/(\d+)(\/.*)$/.exec(request.url!) ?? []
  if (status !== undefined) {
    response.writeHead(Number(status), {
      location: target!.replace("%3A//", "://").replace(/^\/(https?:|ftp:)/, "$1")
    })
    return response.end("moved")
  }
  void echo(request).then((body) => response.end(body))
})

const following = (options?: Redirects.Options) =>
  Effect.map(HttpClient.HttpClient, Redirects.follow(options))
const local = Effect.provide(Client.layerNode({ allowPrivate: true }))
const seen = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.gen(function* () {
    const response = yield* (yield* following()).execute(request)
    return (yield* response.json) as unknown as Seen
  })

describe("Redirects", () => {
  it.live.each([
    [301, "GET", "GET"],
    [302, "HEAD", "HEAD"],
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [302, "PUT", "PUT"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [307, "POST", "POST"],
    [308, "PUT", "PUT"]
  ] as const)("RED1: %d turns %s into %s", ([status, method, then]) =>
    Effect.gen(function* () {
      const server = yield* site
      const withBody = method === "POST" || method === "PUT"
      const request = HttpClientRequest.make(method)(
        // As text: a `URL` would be taken apart, and its query written anew.
        server.url(`/to/${status}/end?q=a%20b`).href
      )
      const client = yield* following()
      const response = yield* client.execute(
        withBody
          ? HttpClientRequest.setBody(request, HttpBody.text("order", "text/x-order"))
          : request
      )
      assert.strictEqual(response.status, 200)
      if (method === "HEAD") return
      const target = (yield* response.json) as unknown as Seen
      assert.deepStrictEqual([target.method, target.url], [then, "/end?q=a%20b"])
      const keepsBody = withBody && then === method
      assert.strictEqual(target.body, keepsBody ? "order" : "")
      assert.strictEqual(target.headers["content-type"], keepsBody ? "text/x-order" : undefined)
    }).pipe(local)
  )

  it.live("RED2: credentials and cookies stay with their origin", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* site, yield* site]
      const headers = { authorization: "Bearer secret", cookie: "session=1", "x-page": "7" }
      const to = (target: URL) =>
        HttpClientRequest.get(here.url(`/to/302/${target.href}`), { headers })
      const same = yield* seen(to(here.url("/end")))
      assert.deepInclude(same.headers, headers)
      const other = yield* seen(to(there.url("/end")))
      assert.deepInclude(other.headers, { "x-page": "7" })
      assert.doesNotHaveAnyKeys(other.headers, ["authorization", "cookie"])
    }).pipe(local)
  )

  it.live("RED2: credentials that the client adds by itself stay with their origin too", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* site, yield* site]
      const client = (yield* HttpClient.HttpClient).pipe(
        HttpClient.mapRequest(HttpClientRequest.bearerToken("secret")),
        Redirects.follow()
      )
      const bearerAt = (target: URL) =>
        Effect.map(
          Effect.flatMap(client.get(here.url(`/to/302/${target.href}`)), ({ json }) => json),
          (seen) => (seen as unknown as Seen).headers["authorization"]
        )
      assert.strictEqual(yield* bearerAt(here.url("/end")), "Bearer secret")
      assert.isUndefined(yield* bearerAt(there.url("/end")))
    }).pipe(local)
  )

  it.live("RED3: a loop is told at its second round", () =>
    Effect.gen(function* () {
      let asked = 0
      const server = yield* serve((request, response) => {
        asked += 1
        response.writeHead(302, { location: request.url === "/a" ? "/b" : "/a#top" }).end()
      })
      const client = yield* following()
      const error = yield* Effect.flip(client.get(server.url("/a")))
      assert(error._tag === "RedirectFailed")
      assert.deepStrictEqual([error.reason, asked], ["loop", 2])
      assert.deepStrictEqual(error.urls, [server.url("/a").href, server.url("/b").href])
    }).pipe(local)
  )

  it.live("RED3: a page that sets a cookie and redirects to itself is no loop", () =>
    Effect.gen(function* () {
      let asked = 0
      const server = yield* serve((_, response) => {
        asked += 1
        if (asked === 2) return response.end("welcome")
        response.writeHead(302, { location: "/", "set-cookie": "seen=1" }).end()
      })
      const client = yield* following()
      const response = yield* client.get(server.url("/"))
      assert.strictEqual(yield* response.text, "welcome")
    }).pipe(local)
  )

  it.live("RED4: more redirects than allowed fail", () =>
    Effect.gen(function* () {
      const server = yield* serve((request, response) => {
        const n = Number(request.url!.slice(1))
        response.writeHead(302, { location: `/${n + 1}` }).end()
      })
      const client = yield* following({ redirectsMax: 3 })
      const error = yield* Effect.flip(client.get(server.url("/0")))
      assert(error._tag === "RedirectFailed")
      assert.deepStrictEqual([error.reason, error.urls.length], ["tooMany", 4])
    }).pipe(local)
  )

  it.live.each(["ftp://host/file", "javascript:alert(1)", "http://"])(
    "RED5: %s is no web page",
    (location) =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => response.writeHead(302, { location }).end())
        const client = yield* following()
        const error = yield* Effect.flip(client.get(server.url("/")))
        assert(error._tag === "RedirectFailed")
        assert.deepStrictEqual([error.reason, error.location], ["noWebPage", location])
      }).pipe(local)
  )

  it.live.each([
    [300, "/x"],
    [304, "/x"],
    [302, undefined]
  ] as const)("RED5: %d to %s is an answer like any other", ([status, location]) =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) =>
        response.writeHead(status, location === undefined ? {} : { location }).end()
      )
      assert.strictEqual((yield* (yield* following()).get(server.url("/"))).status, status)
    }).pipe(local)
  )

  it.live.each([
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:10.0.0.1]/",
    "http://2130706433/"
  ])("RED6: a redirect to %s is refused at that hop", (location) =>
    Effect.gen(function* () {
      // The client may only be told about the first hop: its guard is asked at each.
      const fetcher = yield* Fetcher.Fetcher
      const first: Fetcher.Fetcher["Service"] = {
        fetch: (url, headers) =>
          url.hostname === "shop.test"
            ? Effect.succeed({
                url: url.href,
                status: 302,
                headers: { location } as never,
                setCookies: [],
                body: new Uint8Array(),
                bytesSent: 0,
                truncated: false
              })
            : fetcher.fetch(url, headers)
      }
      const error = yield* Effect.flip(Redirects.fetch(first, new URL("http://shop.test/")))
      assert.strictEqual(error._tag, "AddressRefused")
    }).pipe(Effect.provide(Fetcher.layerNode()))
  )

  it.live("RED7: a fetcher follows too, and tells all URLs", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* site, yield* site]
      const target = there.url("/end")
      const fetcher = yield* Fetcher.Fetcher
      const fetched = yield* Redirects.fetch(fetcher, here.url(`/to/301/to/302/${target.href}`), {
        authorization: "secret"
      })
      const { headers } = JSON.parse(Buffer.from(fetched.body).toString()) as Seen
      assert.isUndefined(headers["authorization"])
      assert.deepStrictEqual([fetched.urls.length, fetched.urls.at(-1)], [3, target.href])
    }).pipe(Effect.provide(Fetcher.layerNode({ allowPrivate: true })))
  )
})
