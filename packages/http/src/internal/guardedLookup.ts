/** A DNS look-up for sockets which refuses addresses that are not public. */
import { lookup } from "node:dns"
import type { LookupFunction } from "node:net"
import { AddressRefused, kindOf } from "../Address.ts"

/**
 * Resolves a host and hands the socket only public addresses.
 *
 * The socket connects to what this returns and asks no second time, so a name cannot resolve to a
 * public address for the check and to a private one for the connection (DNS rebinding).
 */
export const guardedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, "", 0)
    const allowed = found.filter(({ address }) => kindOf(address) === "public")
    const [first] = allowed
    if (first === undefined) {
      const address = found[0]?.address ?? host
      return callback(new AddressRefused({ host, address, kind: kindOf(address) }), "", 0)
    }
    if (options.all === true) return callback(null, allowed)
    callback(null, first.address, first.family)
  })
}
