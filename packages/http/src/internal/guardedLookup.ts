/** DNS look-ups for sockets: by the system or by a `Dns`, and refusing addresses that are not public. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Dns from "effect/net/Dns"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import { lookup, type LookupAddress, type LookupOptions } from "node:dns"
import type { LookupFunction } from "node:net"
import { AddressRefused, kindOf } from "../Address.ts"

export interface Options {
  readonly allowPrivate: boolean
  /** Default: the system's resolver. */
  readonly dns: Dns.Dns["Service"] | undefined
}

/**
 * Resolves a host and hands the socket only public addresses, unless all are allowed.
 *
 * The socket connects to what this returns and asks no second time, so a name cannot resolve to a
 * public address for the check and to a private one for the connection (DNS rebinding).
 */
export const make = ({ allowPrivate, dns }: Options): LookupFunction => {
  const resolve = dns === undefined ? bySystem : byDns(dns)
  return (host, options, callback) => {
    resolve(host, options, (error, found) => {
      const allowed = allowPrivate ? found : found.filter(isPublic)
      const [first] = allowed
      if (first === undefined) {
        const address = found[0]?.address ?? host
        const refused = new AddressRefused({ host, address, kind: kindOf(address) })
        return callback(error ?? refused, "", 0)
      }
      if (options.all === true) return callback(null, allowed)
      callback(null, first.address, first.family)
    })
  }
}

const isPublic = ({ address }: LookupAddress): boolean => kindOf(address) === "public"

type Resolve = (
  host: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, found: Array<LookupAddress>) => void
) => void

const bySystem: Resolve = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => done(error, found ?? []))
}

const byDns =
  (dns: Dns.Dns["Service"]): Resolve =>
  (host, _, done) => {
    Effect.runFork(
      Effect.matchCause(dns.lookup(host), {
        onSuccess: (addresses) => done(null, addresses.map(toLookupAddress)),
        onFailure: (cause) => {
          const isNotFound = Option.exists(Cause.findErrorOption(cause), isMissing)
          const code = isNotFound ? "ENOTFOUND" : "EAI_AGAIN"
          const error = new Error(`getaddrinfo ${code} ${host}`, { cause: Cause.squash(cause) })
          done(Object.assign(error, { code }), [])
        }
      })
    )
  }

const isMissing = ({ reason }: Dns.DnsError): boolean => reason === "NotFound"

const toLookupAddress = (address: NetAddress.IpAddress): LookupAddress => ({
  address: NetAddress.formatIp(address),
  family: NetAddress.isIpv4Address(address) ? 4 : 6
})
