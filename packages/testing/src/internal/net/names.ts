/** Scripted answers to look-ups, in place of a resolver. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Dns from "effect/net/Dns"
import * as NetAddress from "effect/net/NetAddress"
import * as Range from "./range.ts"

/** The addresses of a name, or why there are none. */
export type Answer = ReadonlyArray<string> | Dns.DnsErrorReason

interface Asked {
  /** How many times the name was asked for with this one. */
  readonly nth: number
  /** The time since the net was made. */
  readonly elapsed: Duration.Duration
}

export type Script = readonly [Answer, ...Array<Answer>] | ((asked: Asked) => Answer)

export interface Options {
  readonly scripts: ReadonlyMap<string, Script>
  readonly latency: Range.Time
  /** How long an answer of `"Timeout"` takes. */
  readonly timeout: Duration.Input
}

/** Like `Dns.makeStatic`, with answers that change from one question to the next. */
export const make = Effect.fnUntraced(function* ({
  latency,
  scripts,
  timeout
}: Options): Effect.fn.Return<Dns.Dns["Service"]> {
  const started = yield* Clock.currentTimeMillis
  const asked = new Map<string, number>()

  const answer = Effect.fnUntraced(function* (method: "lookup" | "resolve", hostname: string) {
    yield* Effect.sleep(yield* Range.pickTime(latency))
    const key = hostname.endsWith(".") ? hostname.slice(0, -1) : hostname
    const script = scripts.get(key)
    if (script === undefined) {
      return yield* new Dns.DnsError({ reason: "NotFound", method, hostname })
    }
    const nth = (asked.get(key) ?? 0) + 1
    asked.set(key, nth)
    const elapsed = Duration.millis((yield* Clock.currentTimeMillis) - started)
    const said =
      typeof script === "function"
        ? script({ nth, elapsed })
        : script[Math.min(nth, script.length) - 1]!
    if (typeof said !== "string") return said.map(NetAddress.ipFromStringUnsafe)
    if (said === "Timeout") yield* Effect.sleep(timeout)
    return yield* new Dns.DnsError({ reason: said, method, hostname })
  })

  return Dns.make({
    lookup: (host) => answer("lookup", host),
    resolve: (name, type) =>
      Effect.map(
        type === "A" || type === "AAAA" ? answer("resolve", name) : Effect.succeed([]),
        (addresses) => addresses.flatMap(toRecord)
      )
  })
})

const toRecord = (address: NetAddress.IpAddress): ReadonlyArray<Dns.DnsRecord> =>
  NetAddress.isIpv4Address(address)
    ? [Dns.makeRecordUnsafe("A", { address })]
    : [Dns.makeRecordUnsafe("AAAA", { address })]
