/** Names the kind of a failed fetch in two or three words, to count failures by. */
import type * as FetchError from "@fibra/http/FetchError"

export const causeOf = (error: FetchError.FetchError): string => {
  switch (error._tag) {
    case "AddressRefused":
      return `${error.kind} address refused`
    case "TransportFailed":
      return transportCauseOf(error.code ?? "")
    case "TlsFailed":
      return error.isCertificate ? "certificate refused" : "no TLS"
    case "FetchTimedOut":
      return "timed out"
    case "BodyTooLarge":
      return "body too large"
    case "BodyUndecodable":
      return "damaged body"
  }
}

const transportCauseOf = (code: string): string =>
  transportCauses[code] ?? (code.startsWith("HPE_") ? "not HTTP" : "no connection")

const transportCauses: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  UND_ERR_SOCKET: "connection reset",
  UND_ERR_HEADERS_OVERFLOW: "headers too large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "wrong content-length",
  ENOTFOUND: "host not found",
  EAI_AGAIN: "host not found",
  UND_ERR_CONNECT_TIMEOUT: "timed out",
  ETIMEDOUT: "timed out",
  PROXY_UNREACHABLE: "proxy not reachable",
  PROXY_REFUSED: "refused by the proxy"
}
