/** Sends requests over Node's sockets, within limits. */
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import type * as Dns from "effect/net/Dns"
import type * as Scope from "effect/Scope"
import { AddressRefused, kindOf, literalIn } from "../Address.ts"
import type { FetchError } from "../FetchError.ts"
import { Exchange, type Outcome, type Start } from "./exchange.ts"
import type { Fetched } from "./fetched.ts"
import * as GuardedLookup from "./guardedLookup.ts"
import * as Limits from "./limits.ts"
import * as Origins from "./origins.ts"
import * as Proxied from "./proxied.ts"
import { toFetchError } from "./toFetchError.ts"
import { UndiciHandler } from "./undiciHandler.ts"
import * as Watchdog from "./watchdog.ts"

export interface Options extends Limits.Options {
  readonly headerBytesMax: number
  readonly connectionsPerOrigin: number
  readonly allowPrivate: boolean
  readonly dns: Dns.Dns["Service"] | undefined
  readonly proxy: URL | undefined
}

interface Request {
  readonly url: URL
  readonly method: string
  readonly headers: Headers.Headers
  readonly body: Uint8Array | undefined
  /** How much of the body of the answer is wanted, if not all. */
  readonly firstBytes?: number | undefined
}

/** Interrupting it aborts the request and closes its connection. */
export type Transport = (request: Request) => Effect.Effect<Fetched, FetchError>

export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Transport, never, Scope.Scope> {
  const { allowPrivate, connectionsPerOrigin, dns, headerBytesMax, proxy } = options
  const limits = Limits.make(options)
  const watchdog = yield* Watchdog.make(limits)
  const lookup = GuardedLookup.make({ allowPrivate, dns })
  const origins = yield* Origins.make({ connectionsPerOrigin, headerBytesMax, lookup, proxy })
  const toError =
    proxy === undefined
      ? toFetchError
      : (url: string, cause: unknown) =>
          Proxied.failureOf(url, proxy, cause) ?? toFetchError(url, cause)
  return ({ body, firstBytes, headers, method, url }) => {
    const refused = allowPrivate ? undefined : refusal(url)
    if (refused !== undefined) return Effect.fail(refused)
    return origins.withPool(url.origin, (connections) =>
      Effect.callback<Fetched, FetchError>((resume) => {
        const held = Limits.forFirst(limits, firstBytes)
        const exchange = begin(url, method, held, watchdog, resume, toError)
        const { origin, pathname, search } = url
        const request = { origin, path: pathname + search, method, headers, body: body ?? null }
        connections.dispatch(request, new UndiciHandler(exchange))
        return Effect.sync(() => {
          watchdog.forget(exchange)
          exchange.interrupt()
        })
      })
    )
  }
})

/** Begins an exchange that the watchdog looks after until it settles. */
export const begin = (
  url: URL,
  method: string,
  limits: Limits.Limits,
  watchdog: Watchdog.Watchdog,
  settle: (outcome: Outcome) => void,
  toError: Start["toError"] = toFetchError
): Exchange => {
  const exchange: Exchange = new Exchange({
    url: url.href,
    method,
    limits,
    nowMillis: watchdog.nowMillis,
    toError,
    settle: (outcome) => {
      watchdog.forget(exchange)
      settle(outcome)
    }
  })
  watchdog.watch(exchange)
  return exchange
}

/** Why a URL that holds a literal address may not be fetched. */
export const refusal = (url: URL): AddressRefused | undefined => {
  const literal = literalIn(url)
  if (literal === undefined) return undefined
  const kind = kindOf(literal)
  return kind === "public"
    ? undefined
    : new AddressRefused({ host: literal, address: literal, kind })
}
