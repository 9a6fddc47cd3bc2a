/**
 * A network in memory: an `HttpClient` and a `Dns` whose hosts are handlers, and misbehave on demand.
 *
 * It gives what the client on Node's sockets gives, errors included, so that a program cannot tell.
 * All its time comes from the `Clock` and all its chance from the `Random` of the fiber that asks,
 * so that under a simulation one seed decides both, and nothing takes real time.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Dns from "effect/net/Dns"
import * as Random from "effect/Random"
import { InvalidNet } from "./internal/net/invalidNet.ts"
import * as Exchange from "./internal/net/exchange.ts"
import type * as Ledger from "./internal/net/ledger.ts"
import type * as Model from "./internal/net/model.ts"
import * as Names from "./internal/net/names.ts"
import type * as Range from "./internal/net/range.ts"
import * as Servers from "./internal/net/servers.ts"

/**
 * Defect raised for a network that cannot be as it is written.
 *
 * @since 0.1.0
 */
export { InvalidNet } from "./internal/net/invalidNet.ts"

/**
 * A time, or a range of times from which the seed picks in whole milliseconds.
 *
 * @since 0.1.0
 */
export type Time = Range.Time

/**
 * A count, or a range of counts from which the seed picks.
 *
 * @since 0.1.0
 */
export type Count = Range.Count

/**
 * How a connection ends too early: `"reset"` by the other side's kernel, `"close"` by an orderly
 * end in the wrong place, `"garbage"` by bytes that are not HTTP, `"hang"` not at all: nothing more
 * arrives, ever.
 *
 * @since 0.1.0
 */
export type Break = Model.Break

/**
 * What goes wrong with one request. Several things can.
 *
 * @since 0.1.0
 */
export type Fault = Model.Fault

/**
 * Decides what goes wrong with a request; `nth` counts the requests to this host from 1.
 *
 * @since 0.1.0
 */
export type Faults = Model.Faults

/**
 * One host.
 *
 * @since 0.1.0
 */
export type Host = Model.Host

/**
 * The addresses that a name has, or the reason why it has none.
 *
 * @since 0.1.0
 */
export type DnsAnswer = Names.Answer

/**
 * The answers to the first, second, … look-up of a name, of which the last one stays; or a function
 * that gives them.
 *
 * @since 0.1.0
 */
export type DnsScript = Names.Script

/**
 * A network.
 *
 * @since 0.1.0
 */
export type Options = Model.Options

/**
 * The defaults of {@link Options} and {@link Host}.
 *
 * @since 0.1.0
 */
export const defaults = {
  latency: 0,
  connectionsMax: 1_000,
  dnsLatency: 0,
  dnsTimeout: "5 seconds",
  exchangesMax: 10_000
} as const

/**
 * A request as its host saw it. Times are milliseconds of the `Clock`.
 *
 * `"answered"`: read to its end. `"failed"`: ended by a fault. `"refused"`: never connected.
 * `"aborted"`: given up by the client. An answer whose body nobody reads stays `"active"`: with the
 * real client it keeps its connection until it is garbage. `HttpClient.withScope` frees it at once.
 *
 * @since 0.1.0
 */
export type Seen = Ledger.Exchange

/**
 * What a host has seen so far.
 *
 * `requests` is the sum of `active`, `answered`, `failed`, `refused` and `aborted`.
 *
 * @since 0.1.0
 */
export type HostReport = Ledger.HostReport

/**
 * A network that was built, for what a program cannot see.
 *
 * @since 0.1.0
 */
export class SimNet extends Context.Service<
  SimNet,
  {
    /** The client: each request connects anew, and resolves its host through `dns`. */
    readonly client: HttpClient.HttpClient
    readonly dns: Dns.Dns["Service"]
    /** What the host has seen, by its key in {@link Options.hosts}; the defect `InvalidNet` for another. */
    report(host: string): Effect.Effect<HostReport>
  }
>()("@fibra/testing/SimNet") {}

/**
 * Builds a network.
 *
 * ```ts
 * const net = yield* SimNet.make({
 *   hosts: {
 *     "shop.test": { faults: SimNet.inTurn([{ head: "reset" }]) }
 *   }
 * })
 * const get = net.client.get("http://shop.test/")
 * const error = yield* Effect.flip(get)
 * error.reason._tag // => "TransportError"
 * const response = yield* get
 * response.status // => 404
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<SimNet["Service"]> {
  const limits = { ...defaults, ...options }
  const servers = yield* Servers.make(limits)
  const dns = yield* Names.make({
    scripts: servers.scripts,
    latency: limits.dnsLatency,
    timeout: limits.dnsTimeout
  })
  const client = HttpClient.make((request, url, signal) =>
    Exchange.run({ dns, servers, request, url, signal })
  )
  const report = (key: string) => {
    const ledger = servers.ledgers.get(key)
    return ledger === undefined
      ? Effect.die(
          new InvalidNet({ subject: `host ${key}`, problem: "is not one of this network" })
        )
      : Effect.sync(() => ledger.report())
  }
  return SimNet.of({ client, dns, report })
})

/**
 * Provides a network as the `HttpClient` and the `Dns` of a program.
 *
 * ```ts
 * import { HttpClient } from "effect/http"
 *
 * const status = Effect.map(HttpClient.get("http://shop.test/"), (response) => response.status)
 * yield* Effect.provide(status, SimNet.layer({ hosts: { "shop.test": {} } })) // => 404
 * ```
 *
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<SimNet | HttpClient.HttpClient | Dns.Dns> =>
  Layer.effectContext(
    Effect.map(make(options), (net) =>
      Context.make(SimNet, net).pipe(
        Context.add(HttpClient.HttpClient, net.client),
        Context.add(Dns.Dns, net.dns)
      )
    )
  )

/**
 * The first request gets the first fault, and so on; after the last one nothing goes wrong.
 *
 * @since 0.1.0
 */
export const inTurn =
  (faults: ReadonlyArray<Fault | undefined>): Faults =>
  (_, nth) =>
    Effect.succeed(faults[nth - 1])

/**
 * Each request gets the fault with a probability between 0 and 1, which the seed decides.
 *
 * @since 0.1.0
 */
export const sometimes =
  (probability: number, fault: Fault): Faults =>
  () =>
    Effect.map(Random.next, (chance) => (chance < probability ? fault : undefined))
