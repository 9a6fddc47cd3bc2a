/** Who listens where. */
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type { Host, Options } from "./model.ts"
import * as Ledger from "./ledger.ts"
import type * as Names from "./names.ts"

export interface Server extends Host {
  readonly key: string
  readonly connectionsMax: number
  readonly ledger: Ledger.Ledger
}

export interface Servers {
  readonly ledgers: ReadonlyMap<string, Ledger.Ledger>
  /** The answers to look-ups, those of hosts without a script among them. */
  readonly scripts: ReadonlyMap<string, Names.Script>
  /** The server at an address and a port. */
  at(address: string, port: number): Server | undefined
}

type Limits = Options & { readonly connectionsMax: number; readonly exchangesMax: number }

/** Builds the servers of `options`; `fail` makes the defect for what cannot be built. */
export const make = Effect.fnUntraced(function* (
  options: Limits,
  fail: (subject: string, problem: string) => Error
): Effect.fn.Return<Servers> {
  const servers = new Map<string, Server>()
  const ledgers = new Map<string, Ledger.Ledger>()
  const scripts = new Map<string, Names.Script>()

  for (const [name, script] of Object.entries(options.dns ?? {})) {
    if (typeof script !== "function") {
      if (script.length === 0) return yield* Effect.die(fail(`name ${name}`, "has no answer"))
      for (const address of script.flatMap((answer) =>
        typeof answer === "string" ? [] : answer
      )) {
        if (addressOf(address) === undefined) {
          return yield* Effect.die(fail(`name ${name}`, `has "${address}", which is no IP address`))
        }
      }
    }
    scripts.set(nameOf(name), script)
  }

  const given = new Map<string, string>()
  for (const [key, host] of Object.entries(options.hosts)) {
    const [, name = key, port = "*"] = /^(\[.*\]|[^:]*):(\d+)$/.exec(key) ?? []
    const literal = addressOf(name)
    if (literal === undefined && !/^[\w.-]+$/.test(name)) {
      return yield* Effect.die(fail(`host ${key}`, "is not a name, an address, or one with a port"))
    }
    const address = addressOf(host.address ?? literal ?? given.get(name) ?? automatic(given.size))
    if (address === undefined) {
      return yield* Effect.die(fail(`host ${key}`, `has "${host.address}", which is no IP address`))
    }
    if (literal === undefined) {
      given.set(name, address)
      if (!scripts.has(nameOf(name))) scripts.set(nameOf(name), [[address]])
    }
    const at = `${address} ${port}`
    if (servers.has(at)) {
      return yield* Effect.die(fail(`host ${key}`, `is at ${address}, where another one is`))
    }
    const ledger = Ledger.make(options.exchangesMax)
    ledgers.set(key, ledger)
    const connectionsMax = host.connectionsMax ?? options.connectionsMax
    servers.set(at, { ...host, key, connectionsMax, ledger })
  }

  return {
    ledgers,
    scripts,
    at: (address, port) => servers.get(`${address} ${port}`) ?? servers.get(`${address} *`)
  }
})

/** The canonical form of an IP address, which may be in the brackets of a URL. */
export const addressOf = (text: string): string | undefined =>
  Result.getOrUndefined(
    Result.map(NetAddress.ipFromString(text.replace(/^\[(.*)\]$/, "$1")), NetAddress.formatIp)
  )

const nameOf = (name: string): string => name.toLowerCase().replace(/\.$/, "")

// A block that is routed, so that checks against private addresses let it pass. Nothing is sent.
const automatic = (index: number): string =>
  `11.${(index + 1) >> 16}.${((index + 1) >> 8) & 255}.${(index + 1) & 255}`
