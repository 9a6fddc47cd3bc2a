/** GET requests, 64 at once, to a server in another process. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Client from "@fibra/http/Client"
import * as Fetcher from "@fibra/http/Fetcher"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import { Agent, interceptors, type Dispatcher } from "undici"
import type { Body, Contender, Workload } from "../workload.ts"
import { page } from "./page.ts"
import { origin } from "./server.ts"

const connections = 64

/** Connections are there before it counts; a page counts when all of it has arrived. */
const warmUpSize = 4 * connections

/** Sends requests, `connections` at a time, from fibers. */
const fibers =
  <E>(
    path: string,
    use: (
      run: (get: (url: URL) => Effect.Effect<number, E>) => Effect.Effect<number, E>
    ) => Effect.Effect<number, E>
  ): Body =>
  async (size, meter) => {
    const url = new URL(path, await origin())
    return Effect.runPromise(
      use((get) => {
        const round = (requests: number) => {
          let [begun, complete] = [0, 0]
          const worker = Effect.whileLoop({
            while: () => begun < requests,
            body: () => {
              begun++
              return get(url)
            },
            step: (bytes) => {
              if (bytes === page.length) complete++
            }
          })
          const workers = Array.from({ length: connections }, () => worker)
          const all = Effect.all(workers, { concurrency: "unbounded", discard: true })
          return Effect.map(all, () => complete)
        }
        return Effect.gen(function* () {
          yield* round(warmUpSize)
          meter.begin()
          const complete = yield* round(size)
          meter.end()
          return complete
        })
      })
    )
  }

/** The same from promises. */
const promises =
  (
    path: string,
    make: () => { get: (url: URL) => Promise<number>; close: () => Promise<void> }
  ): Body =>
  async (size, meter) => {
    const url = new URL(path, await origin())
    const { close, get } = make()
    const round = async (requests: number) => {
      let [begun, complete] = [0, 0]
      const worker = async () => {
        while (begun < requests) {
          begun++
          if ((await get(url)) === page.length) complete++
        }
      }
      await Promise.all(Array.from({ length: connections }, worker))
      return complete
    }
    await round(warmUpSize)
    meter.begin()
    const complete = await round(size)
    meter.end()
    await close()
    return complete
  }

const options = { allowPrivate: true, connectionsPerOrigin: connections }

const fetcher = (path: string): Body =>
  fibers(path, (run) =>
    Effect.flatMap(Fetcher.Fetcher, ({ fetch }) =>
      run((url) => Effect.map(fetch(url), ({ body }) => body.length))
    ).pipe(Effect.provide(Layer.fresh(Fetcher.layerNode(options))))
  )

const client = (path: string, layer: Layer.Layer<HttpClient.HttpClient>): Body =>
  fibers(path, (run) =>
    Effect.flatMap(HttpClient.HttpClient, (client) =>
      run((url) =>
        Effect.map(
          Effect.flatMap(client.get(url), ({ arrayBuffer }) => arrayBuffer),
          (body) => body.byteLength
        )
      )
    ).pipe(Effect.provide(Layer.fresh(layer)))
  )

const request = (path: string, compose: (agent: Agent) => Dispatcher): Body =>
  promises(path, () => {
    const agent = new Agent({ connections })
    const dispatcher = compose(agent)
    return {
      get: async ({ origin, pathname }) => {
        const { body } = await dispatcher.request({ origin, path: pathname, method: "GET" })
        return (await body.arrayBuffer()).byteLength
      },
      close: () => agent.close()
    }
  })

const nodeFetch = (path: string): Body =>
  promises(path, () => ({
    get: async (url) => (await (await fetch(url)).arrayBuffer()).byteLength,
    close: async () => {}
  }))

const aiohttp = (path: string): Contender => ({
  run: {
    file: new URL("python/get.py", import.meta.url),
    contender: path,
    loop: "asyncio",
    needs: ["aiohttp"]
  }
})

const shared = {
  module: import.meta.url,
  measure: "wall",
  warmUp: { size: 1_000, seconds: 1 },
  operationsMin: 1,
  sizes: [20_000],
  baseline: "Fetcher"
} as const

export const workloads: ReadonlyArray<Workload> = [
  {
    ...shared,
    name: "GET, 64 connections",
    work: "Fetches a page of 5.9 kB n times over 64 connections, and holds all of it.",
    contenders: {
      Fetcher: { run: fetcher("/") },
      Client: {
        run: client("/", Client.layerNode(options)),
        note: "ours, as an `HttpClient` of Effect."
      },
      "Effect HttpClient": {
        run: client("/", NodeHttpClient.layerUndici),
        note: "raw Effect on undici; it has no limits."
      },
      "undici request": { run: request("/", (agent) => agent), note: "it has time limits only." },
      "node fetch": { run: nodeFetch("/"), note: "the undici within Node." },
      aiohttp: aiohttp("/")
    }
  },
  {
    ...shared,
    name: "GET, 64 connections, gzip",
    work: "The same, and the server sends the page compressed.",
    contenders: {
      Fetcher: { run: fetcher("/gzip") },
      "undici request, decompress": {
        run: request("/gzip", (agent) => agent.compose(interceptors.decompress())),
        note: "with its own interceptor, which it calls experimental."
      },
      "node fetch": { run: nodeFetch("/gzip") },
      aiohttp: aiohttp("/gzip")
    }
  }
]
