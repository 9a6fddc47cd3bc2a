/** Serves the shop on 127.0.0.1. */
import { createServer } from "node:http"
import * as zlib from "node:zlib"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Data, Duration, Effect, Scope } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as Links from "./Links.ts"
import * as Page from "./Page.ts"
import * as RequestLog from "./RequestLog.ts"
import * as Shop from "./Shop.ts"

/** The port cannot be listened on. */
class ListenError extends Data.TaggedError("ListenError")<{
  readonly port: number
  readonly cause: unknown
}> {
  override get message(): string {
    const { code } = this.cause as { readonly code?: string }
    const reason = code === "EADDRINUSE" ? "is taken" : `cannot be used (${code})`
    return `Port ${this.port} of 127.0.0.1 ${reason}. Choose another with --port; 0 takes any free one.`
  }
}

export type ServeError = ListenError | RequestLog.LogFileError

export interface Options {
  /** The port on 127.0.0.1; 0 takes any free one. */
  readonly port: number
  /** How many books robots.txt allows, from `Books.countMin` to `Books.countMax`. */
  readonly books: number
  readonly seed: number
  /** A file that gets one line of JSON for each request; none by default. */
  readonly logPath?: string
  /**
   * How long every answer takes, 2 ms by default. With none at all, a server on one thread
   * finishes each request before it sees the next, and its log shows no concurrency.
   */
  readonly latency?: Duration.Input
}

/** Enough for requests to overlap, little enough for thousands of them in a second. */
export const defaultLatency: Duration.Duration = Duration.millis(2)

export interface Site {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string
  readonly log: RequestLog.RequestLog
  readonly truth: Shop.Truth
}

/**
 * Starts the site and serves it until the scope closes. Then requests in progress get a second to
 * finish, all connections are closed, and the log file is complete.
 */
export const serve = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Site, ServeError, Scope.Scope> {
  const log = yield* Effect.provide(RequestLog.make(options.logPath), NodeFileSystem.layer)
  const server = yield* listen(options.port)
  const origin = HttpServer.formatAddress(server.address).replace(/\/$/, "")
  const shop = Shop.make({ origin, seed: options.seed, books: options.books })
  const router = yield* HttpRouter.make
  yield* router.add(
    "GET",
    "/__truth.json",
    Effect.succeed(HttpServerResponse.jsonUnsafe(shop.truth))
  )
  yield* router.add("GET", "/__log.json", Effect.map(log.entries, HttpServerResponse.jsonUnsafe))
  yield* router.add("GET", "/__stats.json", Effect.map(log.stats, HttpServerResponse.jsonUnsafe))
  yield* router.add("*", "/*", log.record(respond(shop, options.latency ?? defaultLatency)))
  yield* server.serve(router.asHttpEffect())
  return { url: `${origin}/`, log, truth: shop.truth }
})

const listen = Effect.fnUntraced(function* (port: number) {
  const node = createServer()
  const server = yield* NodeHttpServer.make(() => node, {
    port,
    host: "127.0.0.1",
    gracefulShutdownTimeout: Duration.seconds(1)
  }).pipe(Effect.mapError(({ cause }) => new ListenError({ port, cause })))
  // Runs after the grace period: a client that keeps its connection open must not keep us.
  yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
  return server
})

const respond = (shop: Shop.Shop, latency: Duration.Input) => {
  const responses = makeCache<Ready>(2000)
  const latencyMillis = Duration.toMillis(latency)
  return Effect.gen(function* () {
    const { headers, method, url } = yield* HttpServerRequest.HttpServerRequest
    const page =
      method === "GET" || method === "HEAD" ? shop.pages.get(Links.canonical(url)) : undefined
    const accepted = acceptedEncodings(headers["accept-encoding"])
    const { delayMillis, response } =
      page === undefined
        ? notFound
        : responses(`${page.path} ${accepted}`, () => prepare(page.answer(), accepted))
    const millis = latencyMillis + delayMillis
    if (millis > 0) yield* Effect.sleep(millis)
    return response
  })
}

/** The encodings of ours that an `Accept-Encoding` names, and not with a quality of 0. */
const acceptedEncodings = (header = ""): ReadonlyArray<string> =>
  header
    .split(",")
    .map((part) => part.replaceAll(" ", "").toLowerCase())
    .filter((part) => !/;q=0(\.0*)?$/.test(part))
    .map((part) => part.split(";")[0]!)
    .filter((name) => name in compress)

interface Ready {
  readonly response: HttpServerResponse.HttpServerResponse
  readonly delayMillis: number
}

const prepare = (answer: Page.Answer, accepted: ReadonlyArray<string>): Ready => {
  const { encoding, location } = answer
  const compressed = encoding !== undefined && accepted.includes(encoding)
  return {
    delayMillis: answer.delayMillis ?? 0,
    response: HttpServerResponse.uint8Array(
      compressed ? compress[encoding](answer.body) : answer.body,
      {
        status: answer.status,
        contentType: answer.contentType,
        headers: {
          ...(location === undefined ? {} : { location }),
          ...(encoding === undefined ? {} : { vary: "accept-encoding" }),
          ...(compressed ? { "content-encoding": encoding } : {})
        }
      }
    )
  }
}

const compress: Record<Page.Encoding, (body: Uint8Array) => Uint8Array> = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync
}

const notFound: Ready = {
  delayMillis: 0,
  response: HttpServerResponse.text("<h1>Not found</h1>\n", {
    status: 404,
    contentType: Page.utf8Html
  })
}

/** Keeps the values that were made last, up to a bound. */
const makeCache = <A>(sizeMax: number) => {
  const values = new Map<string, A>()
  return (key: string, make: () => A): A => {
    const known = values.get(key)
    if (known !== undefined) return known
    const value = make()
    if (values.size >= sizeMax) values.delete(values.keys().next().value!)
    values.set(key, value)
    return value
  }
}
