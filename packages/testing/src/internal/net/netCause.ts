/**
 * What the real client gives as the cause of an error: the same names, codes and messages.
 *
 * Measured against undici 8.12 on Node 24; `test/SimNet.real.test.ts` holds them against it.
 */
import type { DnsErrorReason } from "effect/net/Dns"

/** How a connection ends before its answer does. */
export type Break = "reset" | "close" | "garbage"

export const ofBreak = (kind: Break, stage: "head" | "body"): Error => {
  switch (kind) {
    case "reset":
      return cause("Error", "read ECONNRESET", { code: "ECONNRESET", syscall: "read" })
    case "close":
      return cause("SocketError", "other side closed", { code: "UND_ERR_SOCKET" })
    case "garbage": {
      const detail =
        stage === "head" ? "Expected HTTP/, RTSP/ or ICE/" : "Invalid character in chunk size"
      const message = `Response does not match the HTTP/1.1 protocol (${detail})`
      return cause("HTTPParserError", message, {})
    }
  }
}

export const refused = (address: string, port: number): Error =>
  cause("Error", `connect ECONNREFUSED ${address}:${port}`, {
    code: "ECONNREFUSED",
    syscall: "connect",
    address,
    port
  })

export const connectTimedOut = (address: string, port: number, millis: number): Error =>
  cause(
    "ConnectTimeoutError",
    `Connect Timeout Error (attempted address: ${address}:${port}, timeout: ${millis}ms)`,
    { code: "UND_ERR_CONNECT_TIMEOUT" }
  )

export const notFound = (hostname: string, reason: DnsErrorReason): Error => {
  // The system's resolver knows no more than these two: there is no such name, or ask again.
  const code = reason === "NotFound" || reason === "BadName" ? "ENOTFOUND" : "EAI_AGAIN"
  const message = `getaddrinfo ${code} ${hostname}`
  return cause("Error", message, { code, syscall: "getaddrinfo", hostname })
}

/** The request was given up from outside: its scope was closed. */
export const aborted = (signal: AbortSignal): Error =>
  signal.reason instanceof Error
    ? signal.reason
    : cause("AbortError", "This operation was aborted", { cause: signal.reason })

/** The body was read before. */
export const unusable = (): Error => new TypeError("unusable")

const cause = (name: string, message: string, fields: Record<string, unknown>): Error =>
  Object.assign(new Error(message), { name, ...fields })
