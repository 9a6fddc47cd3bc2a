/** Names what a socket, TLS or undici reported. */
import { AddressRefused } from "../Address.ts"
import { type FetchError, TlsFailed, TransportFailed } from "../FetchError.ts"

export const toFetchError = (url: string, cause: unknown): FetchError => {
  if (cause instanceof AddressRefused) return cause
  const code = codeOf(cause)
  if (code !== undefined && tlsCode.test(code)) {
    return new TlsFailed({ url, code, isCertificate: !handshakeCode.test(code), cause })
  }
  return new TransportFailed({ url, code, cause })
}

// OpenSSL's verification results and Node's own names of TLS errors.
const tlsCode =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/
const handshakeCode = /^(ERR_SSL|EPROTO)/

const codeOf = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  if ("code" in cause && typeof cause.code === "string") return cause.code
  // The parser of undici 8 loses its own codes.
  return cause.name === "HTTPParserError" ? "HPE_ERROR" : undefined
}
