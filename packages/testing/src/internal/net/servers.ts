/** Who listens where. */
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type { Host, Options } from "./model.ts"
import { InvalidNet } from "./invalidNet.ts"
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

/** Builds the servers of `options`, or dies with what is wrong with them. */
export const make = Effect.fnUntraced(function* (options: Limits): Effect.fn.Return<Servers> {
  yield* checkCount("exchangesMax", options.exchangesMax)
  const scripts = new Map<string, Names.Script>()
  for (const [name, script] of Object.entries(options.dns ?? {})) {
    if (typeof script !== "function") yield* checkScript(`name ${name}`, script)
    scripts.set(nameOf(name), script)
  }
  const servers = new Map<string, Server>()
  const ledgers = new Map<string, Ledger.Ledger>()
  const given = new Map<string, string>()
  for (const [key, host] of Object.entries(options.hosts)) {
    const { literal, name, port } = yield* parseKey(key)
    const written = host.address ?? literal ?? given.get(nameOf(name)) ?? automatic(given.size)
    const address = yield* checkAddress(`host ${key}`, written)
    if (literal === undefined) {
      given.set(nameOf(name), address)
      if (!scripts.has(nameOf(name))) scripts.set(nameOf(name), [[address]])
    }
    const at = `${address} ${port}`
    if (servers.has(at)) {
      return yield* invalid(`host ${key}`, `is at ${address}, where another one is`)
    }
    const { connectionsMax = options.connectionsMax } = host
    yield* checkCount(`connectionsMax of host ${key}`, connectionsMax)
    const ledger = Ledger.make(options.exchangesMax)
    ledgers.set(key, ledger)
    servers.set(at, { ...host, key, connectionsMax, ledger })
  }
  return {
    ledgers,
    scripts,
    at: (address, port) => servers.get(`${address} ${port}`) ?? servers.get(`${address} *`)
  }
})

const invalid = (subject: string, problem: string): Effect.Effect<never> =>
  Effect.die(new InvalidNet({ subject, problem }))

const checkCount = (name: string, count: number): Effect.Effect<void> =>
  Number.isSafeInteger(count) && count > 0
    ? Effect.void
    : invalid(name, `is ${count}, but must be a positive integer`)

const checkAddress = (subject: string, text: string): Effect.Effect<string> => {
  const address = addressOf(text)
  return address === undefined
    ? invalid(subject, `has "${text}", which is no IP address`)
    : Effect.succeed(address)
}

const checkScript = (subject: string, answers: ReadonlyArray<Names.Answer>): Effect.Effect<void> =>
  answers.length === 0
    ? invalid(subject, "has no answer")
    : Effect.forEach(
        answers.flatMap((answer) => (typeof answer === "string" ? [] : answer)),
        (address) => checkAddress(subject, address),
        { discard: true }
      )

/** Reads `name`, `name:port`, or an address, which needs brackets before a port when it has colons. */
const parseKey = (key: string) => {
  const [, name = key, port = "*"] = /^(\[.*\]|[^:]*):(\d+)$/.exec(key) ?? []
  const literal = addressOf(name)
  return literal === undefined && !/^[\w.-]+$/.test(name)
    ? invalid(`host ${key}`, "is not a name, an address, or one with a port")
    : Effect.succeed({ name, port, literal })
}

/** The canonical form of an IP address, which may be in the brackets of a URL. */
export const addressOf = (text: string): string | undefined =>
  Result.getOrUndefined(
    Result.map(NetAddress.ipFromString(text.replace(/^\[(.*)\]$/, "$1")), NetAddress.formatIp)
  )

const nameOf = (name: string): string => name.toLowerCase().replace(/\.$/, "")

// A block that is routed, so that checks against private addresses let it pass. Nothing is sent.
const automatic = (index: number): string =>
  `11.${(index + 1) >> 16}.${((index + 1) >> 8) & 255}.${(index + 1) & 255}`
