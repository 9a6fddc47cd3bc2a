/**
 * Says which IP addresses belong to the public Internet.
 *
 * A crawler follows links that strangers wrote. Without this check, a page can make it read the
 * machine's own services, the local network, or a cloud provider's metadata (server-side request
 * forgery). The ranges are those of the IANA special-purpose registries (RFC 6890).
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

/**
 * The kind of network that an address belongs to; only `public` may be fetched by default.
 *
 * @since 0.1.0
 */
export type Kind =
  | "public"
  | "loopback"
  | "private"
  | "link-local"
  | "multicast"
  | "unspecified"
  | "reserved"

/**
 * Raised when a URL leads to an address that is not public.
 *
 * @since 0.1.0
 */
export class AddressRefused extends Data.TaggedError("AddressRefused")<{
  readonly host: string
  readonly address: string
  readonly kind: Kind
}> {
  override get message(): string {
    const address = this.host === this.address ? this.address : `${this.host} (${this.address})`
    return `refused: ${address} is a ${this.kind} address; allow private addresses to fetch it`
  }
}

/**
 * Tells the kind of an IPv4 or IPv6 address given as text.
 *
 * IPv6 addresses that carry an IPv4 address (mapped, NAT64, 6to4) have the kind of the address that
 * they carry. Text that is not an IP address is `reserved`, so that it is refused.
 *
 * ```ts
 * Address.kindOf("127.0.0.1") // => "loopback"
 * Address.kindOf("::ffff:10.0.0.1") // => "private"
 * Address.kindOf("1.1.1.1") // => "public"
 * ```
 *
 * @since 0.1.0
 */
export const kindOf = (text: string): Kind => {
  const parsed = NetAddress.ipFromString(text)
  if (Result.isFailure(parsed)) return "reserved"
  const address = parsed.success
  if (NetAddress.isIpv4Address(address)) return kindIn(ipv4Ranges, address) ?? "public"
  const carried = carriedIpv4(address)
  if (carried !== undefined) return kindIn(ipv4Ranges, carried) ?? "public"
  return kindIn(ipv6Ranges, address) ?? "public"
}

/**
 * Returns the IP address in the host of a URL, or `undefined` when the host is a name.
 *
 * ```ts
 * Address.literalIn(new URL("http://[::1]:80/")) // => "::1"
 * Address.literalIn(new URL("http://0x7f.1/")) // => "127.0.0.1"
 * Address.literalIn(new URL("http://example.com/")) // => undefined
 * ```
 *
 * @since 0.1.0
 */
export const literalIn = (url: URL): string | undefined => {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1")
  return Result.isSuccess(NetAddress.ipFromString(host)) ? host : undefined
}

type Ranges = ReadonlyArray<readonly [network: IpNetwork.IpNetwork, kind: Kind]>

const ranges = (kinds: Partial<Record<Kind, ReadonlyArray<string>>>): Ranges =>
  Object.entries(kinds).flatMap(([kind, networks]) =>
    networks.map((network) => [IpNetwork.fromStringUnsafe(network), kind as Kind] as const)
  )

const kindIn = (table: Ranges, address: NetAddress.IpAddress): Kind | undefined =>
  table.find(([network]) => IpNetwork.contains(network, address))?.[1]

const ipv4Ranges = ranges({
  unspecified: ["0.0.0.0/8"],
  loopback: ["127.0.0.0/8"],
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"],
  "link-local": ["169.254.0.0/16"],
  multicast: ["224.0.0.0/4"],
  reserved: [
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4"
  ]
})

// Order matters: the first range that contains the address names its kind. All that is outside of
// 2000::/3, the only block that is routed, falls to the last lines.
const ipv6Ranges = ranges({
  loopback: ["::1/128"],
  unspecified: ["::/128"],
  private: ["fc00::/7"],
  "link-local": ["fe80::/10"],
  multicast: ["ff00::/8"],
  reserved: ["2001::/23", "2001:db8::/32", "3fff::/20", "::/3", "4000::/2", "8000::/1"]
})

/** The IPv4 address inside of ::ffff:0:0/96, 64:ff9b::/96 (its last 32 bits) or 2002::/16. */
const carriedIpv4 = (address: NetAddress.Ipv6Address): NetAddress.Ipv4Address | undefined => {
  const [a, b, c, d, e, f, g, h] = NetAddress.ipv6ToSegments(address)
  const zeros = c === 0 && d === 0 && e === 0
  const mapped = a === 0 && b === 0 && zeros && f === 0xffff
  const nat64 = a === 0x64 && b === 0xff9b && zeros && f === 0
  if (mapped || nat64) return ipv4(g, h)
  return a === 0x2002 ? ipv4(b, c) : undefined
}

const ipv4 = (high: number, low: number): NetAddress.Ipv4Address =>
  NetAddress.ipv4FromBytesUnsafe(Uint8Array.of(high >> 8, high & 255, low >> 8, low & 255))
