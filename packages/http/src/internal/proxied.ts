/** Connections that go through an HTTP proxy: tunnels for https, requests that it forwards for http. */
import type * as Undici from "undici"
import { TransportFailed } from "../FetchError.ts"
import type { Connections, Open } from "./connections.ts"

/** Loads what opens the connections to an origin. */
export const load = async (proxy: URL, connectTimeoutMillis: number): Promise<Open> => {
  // By its default export: a bundler cannot know the names that a CommonJS module passes on.
  const undici = (await import("undici")).default
  return (_origin, options, onLeave) => open(undici, proxy, options, connectTimeoutMillis, onLeave)
}

/**
 * What undici keeps of a forwarded origin it never forgets, so each origin has an agent of its own, which
 * its user closes.
 */
const open = (
  { Pool, ProxyAgent }: Pick<typeof Undici.default, "Pool" | "ProxyAgent">,
  proxy: URL,
  options: Undici.Pool.Options,
  connectTimeoutMillis: number,
  onLeave: () => void
): Connections => {
  // There is none before the first request, nor after a time without any.
  let pool: Undici.Pool | undefined
  const { connect: _, ...own } = options
  const agent = new ProxyAgent({
    uri: proxy.href,
    connectTimeout: connectTimeoutMillis,
    // A proxy that takes a tunnel's connection and says nothing holds it no longer than this.
    clientFactory: (origin, options) =>
      new Pool(origin, { ...options, headersTimeout: connectTimeoutMillis }),
    factory: (origin, options) => {
      pool = new Pool(origin, { ...options, ...own })
      pool.on("disconnect", onLeave)
      pool.on("connectionError", onLeave)
      return pool
    }
  })
  return {
    dispatch: (request, handler) => agent.dispatch(request, handler),
    isOpen: () => pool !== undefined && (pool.stats.connected > 0 || pool.stats.size > 0),
    close: () => agent.close(),
    destroy: () => agent.destroy()
  }
}

/**
 * What has happened, when a request that went through the proxy has failed: all that its connection
 * reports is about the proxy, whose name, and not its password, is told.
 */
export const failureOf = (url: string, proxy: URL, cause: unknown): TransportFailed | undefined => {
  if (!(cause instanceof Error)) return undefined
  const code = "code" in cause ? String(cause.code) : ""
  const failed = (code: string, what: string) =>
    new TransportFailed({ url, code, cause: new Error(`the proxy ${proxy.host} ${what}`) })
  if (unreachable.has(code)) return failed("PROXY_UNREACHABLE", `cannot be reached (${code})`)
  if (/\b407\b/.test(cause.message)) return failed("PROXY_REFUSED", "wants other credentials")
  const status = /^Proxy response \((\d+)\)/.exec(cause.message)?.[1]
  return status === undefined ? undefined : failed("PROXY_REFUSED", `answered with ${status}`)
}

const unreachable = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT"
])
