/** One request and its answer: look-up, connection, head, body, each with what goes wrong there. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cookies from "effect/http/Cookies"
import * as Headers from "effect/http/Headers"
import * as HttpClientError from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Dns from "effect/net/Dns"
import * as NetAddress from "effect/net/NetAddress"
import * as Waits from "@fibra/tasks/Waits"
import type { Fault } from "./model.ts"
import * as ClientResponse from "./clientResponse.ts"
import type { Connection } from "./ledger.ts"
import * as NetCause from "./netCause.ts"
import * as Range from "./range.ts"
import { addressOf, type Server, type Servers } from "./servers.ts"
import * as WireBody from "./wireBody.ts"

export interface Asked {
  readonly dns: Dns.Dns["Service"]
  readonly servers: Servers
  readonly request: HttpClientRequest
  readonly url: URL
  readonly signal: AbortSignal
}

interface Call {
  readonly server: Server
  readonly address: string
  readonly port: number
  readonly connection: Connection
  readonly request: HttpClientRequest
  readonly url: URL
  readonly signal: AbortSignal
}

export const run = Effect.fnUntraced(
  function* ({ dns, request, servers, signal, url }: Asked) {
    const address = yield* locate(dns, url.hostname)
    const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80)
    const server = servers.at(address, port)
    if (server === undefined) {
      yield* Effect.yieldNow
      return yield* Effect.fail(NetCause.refused(address, port))
    }
    const clock = yield* Clock.Clock
    return yield* Effect.uninterruptibleMask((restore) => {
      // Hazard: an interrupt between `open` and the finalizer would leave the connection open.
      const connection = server.ledger.open(request.method, url.href, clock)
      const call = { server, address, port, connection, request, url, signal }
      return restore(answer(call)).pipe(
        Effect.onExit((exit) => Effect.sync(() => closeOnFailure(connection, exit)))
      )
    })
  },
  (exchange, { request }) =>
    Effect.mapError(exchange, (cause) => {
      const reason = new HttpClientError.TransportError({ request, cause })
      return new HttpClientError.HttpClientError({ reason })
    })
)

const closeOnFailure = (connection: Connection, exit: Exit.Exit<unknown, Error>) => {
  if (Exit.isSuccess(exit)) return
  connection.close(Cause.hasInterrupts(exit.cause) ? "aborted" : "failed")
}

const locate = (dns: Dns.Dns["Service"], hostname: string): Effect.Effect<string, Error> => {
  const literal = addressOf(hostname)
  if (literal !== undefined) return Effect.succeed(literal)
  return dns.lookup(hostname).pipe(
    Effect.map(([first]) => NetAddress.formatIp(first)),
    Effect.mapError(({ reason }) => NetCause.notFound(hostname, reason))
  )
}

const answer = Effect.fnUntraced(function* (
  call: Call
): Effect.fn.Return<HttpClientResponse, Error> {
  const { connection, server, signal } = call
  const seen = HttpServerRequest.fromClientRequest(call.request)
  const request = seen.modify({
    url: call.url.pathname + call.url.search,
    headers: Headers.set(seen.headers, "host", call.url.host)
  })
  const fault = (yield* faultOf(server, request, connection.nth)) ?? {}
  yield* connect(call, fault)
  if (fault.head === "hang") return yield* hang(call)
  if (fault.head !== undefined) return yield* Effect.fail(NetCause.ofBreak(fault.head, "head"))
  const answered = yield* server.handler?.(request) ?? Effect.succeed(nothing)
  if (signal.aborted) return yield* Effect.fail(NetCause.aborted(signal))
  const response = yield* receive(call, fault, answered)
  // The client aborts when it stops reading, is interrupted, or closes the scope of the request.
  signal.addEventListener("abort", () => connection.close("aborted"), { once: true })
  connection.hold(response)
  return response
})

const nothing = HttpServerResponse.empty({ status: 404 })

const faultOf = (
  { faults }: Server,
  request: HttpServerRequest.HttpServerRequest,
  nth: number
): Effect.Effect<Fault | undefined> =>
  typeof faults === "function" ? faults(request, nth) : Effect.succeed(faults)

const connectTimeout = Duration.seconds(10)

const connect = Effect.fnUntraced(function* (
  { address, connection, port, server }: Call,
  fault: Fault
): Effect.fn.Return<void, Error> {
  const isFull = server.ledger.active > server.connectionsMax
  yield* Effect.sleep(yield* Range.pickTime(server.latency ?? 0))
  if (fault.connect === "timeout") {
    yield* Effect.sleep(connectTimeout)
    const millis = Duration.toMillis(connectTimeout)
    connection.close("refused")
    return yield* Effect.fail(NetCause.connectTimedOut(address, port, millis))
  }
  if (fault.connect === "refuse" || isFull) {
    connection.close("refused")
    return yield* Effect.fail(NetCause.refused(address, port))
  }
})

/** Waits without an end, for an observer to see, until the request is given up. */
const hang = ({ server, signal }: Call): Effect.Effect<never, Error> =>
  Effect.withFiber((fiber) => {
    const listener = fiber.getRef(Waits.Observer)
    const resource = Waits.resource({ kind: "SimNet", name: server.key })
    return Effect.callback<never, Error>((resume) => {
      const giveUp = () => resume(Effect.fail(NetCause.aborted(signal)))
      listener?.waiting(fiber, resource)
      signal.addEventListener("abort", giveUp, { once: true })
      return Effect.sync(() => signal.removeEventListener("abort", giveUp))
    }).pipe(Effect.ensuring(Effect.sync(() => listener?.waited(fiber, resource))))
  })

const receive = (
  call: Call,
  fault: Fault,
  answered: HttpServerResponse.HttpServerResponse
): Effect.Effect<HttpClientResponse> => {
  const { connection, request, signal, url } = call
  const sent = HttpServerResponse.toClientResponse(answered, { request })
  const isWithoutBody = HttpServerResponse.omitsBody(answered, request.method === "HEAD")
  const known = answered.body._tag === "Empty" ? undefined : answered.body.contentLength
  const length = fault.contentLength ?? known
  const cookies = Cookies.toSetCookieHeaders(answered.cookies)
  const head: ClientResponse.Head = {
    request,
    url: url.href.split("#")[0]!,
    status: answered.status,
    headers: Headers.setAll(sent.headers, {
      ...(length === undefined ? {} : { "content-length": String(length) }),
      ...(length === undefined && !isWithoutBody ? { "transfer-encoding": "chunked" } : {}),
      ...(cookies.length > 0 ? { "set-cookie": cookies.join(", ") } : {})
    }),
    cookies: Cookies.fromSetCookie(cookies)
  }
  const isNothing = answered.body._tag === "Empty" && length === undefined
  if (isWithoutBody || isNothing || length === 0) {
    connection.close("answered")
    return ClientResponse.make(head, undefined, connection)
  }
  const body = WireBody.make(sent.stream, {
    connection,
    signal,
    length,
    breaks: fault.body,
    breakAt: fault.afterBytes ?? 0,
    pieces: fault.drip?.bytes,
    pause: fault.drip?.pause,
    hang: hang(call)
  })
  return ClientResponse.make(head, body, connection)
}
